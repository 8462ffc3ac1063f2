set -e
data=/var/lib/mysql/data
if [ ! -d "$data/mysql" ]; then
	# Made beside its place, so that an end in the middle leaves no half one.
	rm -rf "$data.new"
	'{{install}}' --no-defaults --datadir="$data.new" --basedir=/usr --skip-name-resolve --skip-test-db \
		--auth-root-authentication-method=socket --auth-root-socket-user=mysql >/tmp/install.log 2>&1 || { cat /tmp/install.log; exit 1; }
	rm -f /tmp/install.log
	mv "$data.new" "$data"
fi
memory=$(cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null | head -n 1)
case $memory in
'' | max) memory=$((1 << 30)) ;;
esac
pool=$((memory / 4 >> 20))
[ "$pool" -ge 16 ] || pool=16
exec '{{program}}' --defaults-file=/etc/mysql/my.cnf --datadir="$data" --socket=/run/mysqld.sock --pid-file=/run/mysqld.pid \
	--port={{port}} --innodb-buffer-pool-size="${pool}M"
