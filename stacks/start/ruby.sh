if [ -f config.ru ]; then
	if [ -f Gemfile ] && command -v bundle >/dev/null; then exec bundle exec rackup --host 0.0.0.0 --port "$PORT"; fi
	if command -v rackup >/dev/null; then exec rackup --host 0.0.0.0 --port "$PORT"; fi
	echo "There is a config.ru, but neither bundle nor rackup on this machine."
	exit 1
fi
for file in app.rb main.rb server.rb; do
	if [ -f "$file" ]; then exec '{{program}}' "$file"; fi
done
echo "There is no config.ru, app.rb, main.rb or server.rb in $PWD."
exit 1
