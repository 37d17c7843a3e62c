// What users of ioredis do every day: node ioredis.js PORT CLUSTER_PORT; it ends with "done".
const assert = require("assert");
const Redis = require("ioredis");
const [port, clusterPort] = process.argv.slice(2).map(Number);
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const ADD = { numberOfKeys: 1, lua: "return redis.call('INCRBY', KEYS[1], ARGV[1])" };

async function values(redis) {
  assert.equal(await redis.set("k", "v", "EX", 100), "OK");
  assert.deepEqual(await redis.getBuffer("k"), Buffer.from("v"));
  await redis.hset("h", { a: 1, b: 2 });
  assert.deepEqual(await redis.hgetall("h"), { a: "1", b: "2" });
  await redis.zadd("z", 1, "one", 2.5, "two");
  assert.deepEqual(await redis.zrange("z", 0, -1, "WITHSCORES"), ["one", "1", "two", "2.5"]);
  await assert.rejects(redis.call("NOSUCH"), /unknown command/);
}

async function pipelinesAndTransactions(redis, other) {
  await redis.set("k", "v");
  const replies = await redis.pipeline().incr("n").lpush("k", 1).get("n").exec();
  assert.equal(replies[0][1], 1);
  assert.match(replies[1][0].message, /WRONGTYPE/);
  assert.equal(replies[2][1], "1");
  assert.deepEqual(await redis.multi().set("a", 1).incr("a").exec(), [[null, "OK"], [null, 2]]);
  await redis.watch("a");
  await other.set("a", 5);
  assert.equal(await redis.multi().incr("a").exec(), null);
  const auto = new Redis({ port, enableAutoPipelining: true });
  const got = await Promise.all(
    Array.from({ length: 200 }, (_, i) => auto.set(`auto:${i}`, i).then(() => auto.get(`auto:${i}`))),
  );
  assert.deepEqual(got, got.map((_, i) => String(i)));
  auto.disconnect();
}

async function scripts(redis) {
  redis.defineCommand("add", ADD);
  assert.equal(await redis.add("sum", 5), 5);
  await redis.script("FLUSH");
  assert.equal(await redis.add("sum", 5), 10);
}

async function messages(redis, other) {
  const heard = [];
  const listener = new Redis({ port });
  listener.on("message", (...words) => heard.push(words));
  listener.on("pmessage", (...words) => heard.push(words));
  assert.equal(await listener.subscribe("news", "more"), 2);
  assert.equal(await listener.psubscribe("n*"), 3);
  assert.equal(await redis.publish("news", "hi"), 2);
  while (heard.length < 2) await pause(5);
  assert.deepEqual(heard, [["news", "hi"], ["n*", "news", "hi"]]);
  listener.disconnect();
  const monitor = await redis.monitor();
  const seen = [];
  monitor.on("monitor", (time, words) => seen.push(words));
  await other.set("monitored", 1);
  while (!seen.length) await pause(5);
  assert.deepEqual(seen[0], ["set", "monitored", "1"]);
  monitor.disconnect();
}

async function scanning(redis) {
  for (let i = 0; i < 300; i++) redis.set(`scan:${i}`, i);
  const found = new Set();
  for await (const keys of redis.scanStream({ match: "scan:*", count: 50 })) {
    keys.forEach((key) => found.add(key));
  }
  assert.equal(found.size, 300);
}

async function streamsAndWaiting(redis, other) {
  const id = await redis.xadd("s", "*", "f", "v");
  await redis.xgroup("CREATE", "s", "g", "0");
  const read = await redis.xreadgroup("GROUP", "g", "c", "COUNT", 1, "STREAMS", "s", ">");
  assert.deepEqual(read, [["s", [[id, ["f", "v"]]]]]);
  assert.equal(await redis.xack("s", "g", id), 1);
  const entry = other.xread("BLOCK", 60000, "STREAMS", "s", "$");
  while (!/blocked_clients:1\r/.test(await redis.info("clients"))) await pause(5);
  const next = await redis.xadd("s", "*", "f", "w");
  assert.deepEqual(await entry, [["s", [[next, ["f", "w"]]]]]);
  const job = other.blpop("queue", 60);
  await redis.rpush("queue", "job");
  assert.deepEqual(await job, ["queue", "job"]);
  assert.equal(await other.brpop("none", 0.05), null);
}

async function clusters() {
  const cluster = new Redis.Cluster([{ host: "127.0.0.1", port: clusterPort }]);
  assert.equal(await cluster.set("{x}a", 1), "OK");
  assert.deepEqual(await cluster.mget("{x}a", "{x}b"), ["1", null]);
  await assert.rejects(cluster.mget("a", "b"), /CROSSSLOT/);
  assert.deepEqual(await cluster.multi().incr("{x}a").incr("{x}a").exec(), [[null, 2], [null, 3]]);
  cluster.defineCommand("add", ADD);
  assert.equal(await cluster.add("{x}a", 4), 7);
  assert.equal(cluster.nodes("master").length, 1);
  cluster.disconnect();
}

async function main() {
  const redis = new Redis({ port });
  const other = new Redis({ port });
  for (const use of [values, pipelinesAndTransactions, scripts, messages, scanning, streamsAndWaiting]) {
    await redis.flushall();
    await use(redis, other);
  }
  await clusters();
  redis.disconnect();
  other.disconnect();
  console.log("done");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
