set -e
data=/var/lib/redis
if [ ! -s "$data/auth.conf" ]; then
	(umask 077 && echo "requirepass $(head -c 24 /dev/urandom | base64 | tr -d '+/=')" >"$data/auth.conf")
fi
memory=$(cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null | head -n 1)
case $memory in
'' | max) memory=$((1 << 30)) ;;
esac
exec '{{program}}' /etc/redis/redis.conf --port {{port}} --dir "$data" --include "$data/auth.conf" --maxmemory $((memory * 3 / 4))
