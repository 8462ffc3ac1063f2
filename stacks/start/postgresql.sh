set -e
bin=$(dirname '{{program}}')
data=/var/lib/postgresql/data
mkdir -p /run/postgresql
if [ ! -s "$data/PG_VERSION" ]; then
	# Made beside its place, so that an end in the middle leaves no half one.
	rm -rf "$data.new"
	"$bin/initdb" --pgdata="$data.new" --username=postgres --auth-local=peer --auth-host=scram-sha-256 \
		--encoding=UTF8 --locale=C.UTF-8 >/dev/null
	mv "$data.new" "$data"
fi
# A lock that no process of this server holds is from an earlier life of the
# node, or from the one this is a copy of: its number may be another process's
# by now, for which the server would not start.
used=
for process in /proc/[0-9]*; do
	if [ "$(readlink "$process/cwd" 2>/dev/null)" = "$data" ]; then used=1; fi
done
[ -n "$used" ] || rm -f "$data/postmaster.pid" /run/postgresql/.s.PGSQL.*.lock /tmp/.s.PGSQL.*.lock
memory=$(cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null | head -n 1)
case $memory in
'' | max) memory=$((1 << 30)) ;;
esac
# A quarter of the memory is for pages; no less than 8 MB, no more than 2 GB.
shared=$((memory / 4 >> 20))
[ "$shared" -ge 8 ] || shared=8
[ "$shared" -le 2048 ] || shared=2048
exec '{{program}}' -D "$data" -c config_file=/etc/postgresql/postgresql.conf -c hba_file=/etc/postgresql/pg_hba.conf \
	-c port={{port}} -c shared_buffers="${shared}MB"
