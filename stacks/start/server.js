// The page a new node shows until an application is deployed.
const http = require("node:http");
const fs = require("node:fs");
const path = require("node:path");

const page = fs.readFileSync(path.join(__dirname, "index.html"));

const server = http.createServer((request, response) => {
  const found = request.url.split("?")[0] === "/";
  response.writeHead(found ? 200 : 404, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache" });
  response.end(request.method === "HEAD" ? undefined : page);
});

server.listen(process.env.PORT || 8080);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
