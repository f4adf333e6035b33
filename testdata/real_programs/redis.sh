# redis-server, asked by redis-cli and by redis-benchmark.
socket=$PWD/socket
redis-server --port 0 --unixsocket "$socket" --save '' --appendonly no \
  --daemonize no > server.log 2>&1 &
server=$!
trap 'kill $server' EXIT
for _ in $(seq 300); do
  [ -S "$socket" ] && break
  sleep 0.1
done
client() { redis-cli -s "$socket" "$@"; }
for i in $(seq 300); do
  echo "SET key$i value$i"
  echo "RPUSH list$((i % 10)) $i"
  echo "HSET hash$((i % 5)) field$i $i"
  echo "ZADD scores $i member$i"
done | client | sort | uniq -c
client DBSIZE
client LRANGE list3 0 -1
client ZRANGE scores 100 110
client EVAL 'local t = {} for i = 1, 1000 do t[i] = i * i end return #t' 0
redis-benchmark -s "$socket" -n 20000 -q \
  -t set,get,lpush,lrange_100,hset,zadd,mset > benchmark.log
tr '\r' '\n' < benchmark.log | grep -c 'requests per second'
client FLUSHALL
client SHUTDOWN NOSAVE || true
trap - EXIT
wait $server
grep -c 'ready to exit' server.log
