#!/bin/bash
# Runs once the node answers: makes the roles of the stack and takes the superuser that Cassandra is born with away. Can be run again.
set -euo pipefail

admin=$(</run/secrets/cassandra_admin_password)
service=$(</run/secrets/cassandra_password)
for password in "$admin" "$service"; do
    [[ $password =~ ^[A-Za-z0-9._~-]{12,}$ ]] || { echo "a password of Cassandra is shorter than 12 characters or has others than A-Z a-z 0-9 . _ ~ -" >&2; exit 2; }
done

# The password goes in by a file, for the arguments of a process can be seen by others.
umask 077
login() { printf '[PlainTextAuthProvider]\nusername = %s\npassword = %s\n' "$1" "$2" >/tmp/credentials; }
ask() { cqlsh cassandra 9042 --credentials=/tmp/credentials; }
trap 'rm -f /tmp/credentials' EXIT

login servimon_admin "$admin"
if ! ask <<<"LIST ROLES;" >/dev/null 2>&1; then
    login cassandra cassandra
    ask <<<"CREATE ROLE IF NOT EXISTS servimon_admin WITH PASSWORD = '$admin' AND SUPERUSER = true AND LOGIN = true;"
fi
login servimon_admin "$admin"
ask <<CQL
ALTER ROLE cassandra WITH SUPERUSER = false AND LOGIN = false;
CREATE KEYSPACE IF NOT EXISTS servimon WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1};
CREATE ROLE IF NOT EXISTS servimon WITH PASSWORD = '$service' AND LOGIN = true;
ALTER ROLE servimon WITH PASSWORD = '$service';
GRANT ALL PERMISSIONS ON KEYSPACE servimon TO servimon;
CQL
echo "roles and keyspace are there"
