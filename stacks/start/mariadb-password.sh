set -e
read -r password
'{{client}}' --no-defaults --socket=/run/mysqld.sock --user=mysql --batch --silent <<END
SET SESSION sql_log_bin = 0;
CREATE OR REPLACE USER 'root'@'%' IDENTIFIED BY '$password';
GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;
FLUSH PRIVILEGES;
END
# Sessions that came in with the old password end.
'{{client}}' --no-defaults --socket=/run/mysqld.sock --user=mysql --batch --silent \
	-e "SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE user = 'root' AND host NOT LIKE 'localhost%' AND id <> CONNECTION_ID()" |
	'{{client}}' --no-defaults --socket=/run/mysqld.sock --user=mysql --force --batch --silent 2>/dev/null || true
