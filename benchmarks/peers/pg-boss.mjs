// node pg-boss.mjs POSTGRES-URL JOBS: drains a full queue by fetching and completing 500 at a time, four batches in flight: its worker
// loop would wait half a second between batches. Then takes the time from sending a job to its handler, in that worker loop.
import pg from "pg";
import PgBoss from "pg-boss";

const [connectionString, jobs] = [process.argv[2], Number(process.argv[3])];
const boss = new PgBoss({ connectionString, max: 12, supervise: false, schedule: false });
await boss.start();
await boss.createQueue("drain");
await boss.createQueue("ping");
for (let n = 0; n < jobs; n += 5000)
  await boss.insert(Array.from({ length: Math.min(5000, jobs - n) }, (_, i) => ({ name: "drain", data: { n: n + i } })));
const pool = new pg.Pool({ connectionString, max: 1 });
await pool.query("vacuum analyze pgboss.job");

let handled = 0;
const handle = async () => {
  handled++;
};
const began = performance.now();
const before = process.cpuUsage();
await Promise.all(
  Array.from({ length: 4 }, async () => {
    for (;;) {
      const batch = await boss.fetch("drain", { batchSize: 500 });
      if (!batch?.length) break;
      await Promise.all(batch.map(handle));
      await boss.complete("drain", batch.map((job) => job.id));
    }
  }),
);
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(before);
if (handled !== jobs) throw new Error(`${handled} of ${jobs} were handled`);

let answered = () => {};
await boss.work("ping", { pollingIntervalSeconds: 0.5 }, async () => answered());
const times = [];
for (let n = 0; n < 20; n++) {
  const handling = new Promise((resolve) => (answered = resolve));
  const sent = performance.now();
  await boss.send("ping", { n });
  await handling;
  times.push(performance.now() - sent);
}
await pool.end();
times.sort((a, b) => a - b);
console.log(JSON.stringify({ jobs, seconds, cpu: (user + system) / 1e6, p50: times[10], p95: times[19] }));
process.exit(0);
