#!/bin/sh
# Waits for the database, then starts the server.
set -eu

until pg_isready --host "$DATABASE_HOST" --timeout 2; do
  echo "waiting for $DATABASE_HOST" >&2
  sleep 1
done

exec java -XX:MaxRAMPercentage=75 -jar /opt/shop/server.jar "$@"
