#!/bin/bash
# Healthy is a service that reads its partitions and can save its state. Needs nothing but bash: the image has no HTTP client.
set -eu
exec 3<>/dev/tcp/127.0.0.1/5080
printf 'GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r _ status _ <&3
[[ $status == 200 ]]
