set -e
read -r password
bin=$(dirname '{{program}}')
"$bin/psql" -X -q -v ON_ERROR_STOP=1 -h /run/postgresql -p {{port}} -U postgres postgres >/dev/null <<END
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
ALTER ROLE postgres PASSWORD '$password';
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres' AND client_addr IS NOT NULL;
END
