if [ -f Procfile ]; then
	line=$(sed -n 's/^web:[[:space:]]*//p' Procfile | head -n 1)
	if [ -z "$line" ]; then
		echo "The Procfile in $PWD has no line that begins with web:"
		exit 1
	fi
	exec /bin/bash -c "exec $line"
fi
for file in start server main app; do
	if [ -f "$file" ] && [ -x "$file" ]; then exec "./$file"; fi
done
echo "There is no Procfile and no executable start, server, main or app in $PWD."
exit 1
