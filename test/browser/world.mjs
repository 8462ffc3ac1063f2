// A small world that has something of everything: environments in several
// states, people with several rights.

// furnish makes it in a server whose first user is Ana and where anybody may
// make an account. Bob is one of her collaborators. Cleo has an account of
// her own, where Ana is admin.
export async function furnish(server) {
  await server.signsUp('cleo');
  await Promise.all([
    server.create('ana', 'shop', { alias: 'The shop', layers: [{ role: 'balancer', stack: 'balancer', nodes: 1, cloudlets: 1 }, { role: 'app', stack: 'nodejs', nodes: 2, cloudlets: 2 }] }),
    server.create('ana', 'blog', { alias: 'News and long reads' }).then(() => server.stops('ana', 'blog')),
    server.create('ana', 'search', { layers: [{ role: 'app', stack: 'nodejs', nodes: 1, cloudlets: 4 }] }).then(() => server.breaks('ana', 'search')),
    server.create('cleo', 'intranet', { alias: 'For the office' }),
  ]);
  await server.invite('cleo', 'ana', { role: 'admin', environments: [{ environment: 'intranet', level: 'full', until: inDays(60) }] });
  await server.accepts('ana', await server.link('ana'));
}

// shared are what Bob is invited to.
export const shared = () => [
  { environment: 'shop', level: 'limited' },
  { environment: 'search', level: 'full', until: inDays(90) },
];

// inDays is the end of a day to come.
const inDays = (days) => `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)}T00:00:00Z`;
