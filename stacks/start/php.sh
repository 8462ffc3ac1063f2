# php-fpm and nginx; when one of them ends, the other does too and both start again.
modules=/run/php-modules
mkdir -p "$modules"
rm -f "$modules"/*.ini
folder=$('{{program}}' -n -i | sed -n 's/^extension_dir => \([^ ]*\) .*/\1/p')
for file in "$folder"/*.so; do
	[ -e "$file" ] || continue
	name=$(basename "$file" .so)
	case $name in
	opcache) echo "zend_extension=$name" >"$modules/10-$name.ini" ;;
	mysqlnd | pdo) echo "extension=$name" >"$modules/10-$name.ini" ;;
	xml) echo "extension=$name" >"$modules/15-$name.ini" ;;
	*) echo "extension=$name" >"$modules/20-$name.ini" ;;
	esac
done
root='{{root}}'
if [ -d "$root/public" ]; then root=$root/public; fi
echo "root $root;" >/run/document-root.conf
export PHP_INI_SCAN_DIR=$modules
trap 'kill -QUIT $fpm $nginx 2>/dev/null' TERM
'{{program}}' --nodaemonize --fpm-config /etc/php/fpm.conf -c /etc/php/php.ini &
fpm=$!
'{{nginx}}' -e stderr -c /etc/nginx/nginx.conf -g 'daemon off;' &
nginx=$!
wait -n $fpm $nginx
code=$?
kill -QUIT $fpm $nginx 2>/dev/null
wait
exit $code
