// node graphile-worker.mjs POSTGRES-URL MODE JOBS: drains a full queue, then takes the time from adding a job to its handler, one by one.
// MODE is plain, or batched: jobs pulled ahead into the worker's local queue and completed together, the fastest that its options offer.
import pg from "pg";
import { makeWorkerUtils, run } from "graphile-worker";

const [connectionString, mode, jobs] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const pool = new pg.Pool({ connectionString, max: 24 });
pool.on("error", () => {});
pool.on("connect", (client) => client.on("error", () => {}));
const batched = mode === "batched" ? { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } : {};
const preset = { worker: { concurrentJobs: mode === "batched" ? 96 : 24, pollInterval: 1000, maxPoolSize: 24, ...batched } };

const utils = await makeWorkerUtils({ pgPool: pool });
await utils.migrate();
await pool.query("delete from graphile_worker._private_jobs");
await pool.query(
  "select count(graphile_worker.add_job('drain', json_build_object('n', n))) from generate_series(1, $1::int) n",
  [jobs],
);
await pool.query("vacuum analyze graphile_worker._private_jobs");

let handled = 0;
let all;
const done = new Promise((resolve) => (all = resolve));
let answered = () => {};
const began = performance.now();
const before = process.cpuUsage();
const runner = await run({
  pgPool: pool,
  preset,
  noHandleSignals: true,
  logger: undefined,
  taskList: {
    drain: async () => {
      if (++handled === jobs) all();
    },
    ping: async () => answered(),
  },
});
await done;
while ((await pool.query("select exists (select from graphile_worker._private_jobs)")).rows[0].exists);
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(before);

const times = [];
for (let n = 0; n < 500; n++) {
  const handling = new Promise((resolve) => (answered = resolve));
  const added = performance.now();
  await utils.addJob("ping", { n });
  await handling;
  times.push(performance.now() - added);
}
await runner.stop();
await utils.release();
await pool.end();
times.sort((a, b) => a - b);
console.log(JSON.stringify({ jobs, seconds, cpu: (user + system) / 1e6, p50: times[250], p95: times[475] }));
process.exit(0);
