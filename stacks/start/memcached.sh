memory=$(cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null | head -n 1)
case $memory in
'' | max) memory=$((1 << 30)) ;;
esac
size=$((memory / 2 >> 20))
[ "$size" -ge 16 ] || size=16
exec '{{program}}' -l 0.0.0.0 -p {{port}} -U 0 -m "$size"
