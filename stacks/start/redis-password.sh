set -e
read -r password
data=/var/lib/redis
umask 077
redis() { '{{cli}}' --no-auth-warning -p {{port}} "$@"; }
for file in auth.conf auth.conf.new; do
	old=$(sed -n 's/^requirepass //p' "$data/$file" 2>/dev/null) || true
	# A reset that was cut in the middle left the server with the newer one.
	[ "$(REDISCLI_AUTH=$old redis PING 2>/dev/null)" = PONG ] || continue
	echo "requirepass $password" >"$data/auth.conf.next"
	mv "$data/auth.conf.next" "$data/auth.conf.new"
	printf %s "$password" | REDISCLI_AUTH=$old redis -x CONFIG SET requirepass >/dev/null
	mv "$data/auth.conf.new" "$data/auth.conf"
	REDISCLI_AUTH=$password redis CLIENT KILL TYPE normal SKIPME yes >/dev/null
	exit 0
done
echo "The server does not take the password in $data/auth.conf." >&2
exit 1
