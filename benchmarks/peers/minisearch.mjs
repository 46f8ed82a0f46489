// Ranks questions over chunks with MiniSearch and prints quality or latency as one line of JSON.
// usage: node minisearch.mjs CHUNKS.jsonl QUESTIONS.jsonl RUNS [SETTINGS]
// A chunk is {"page","title","heading","text"}, a question {"question","pages"}.
import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import MiniSearch from "minisearch";

const [chunksFile, questionsFile, runs, only] = process.argv.slice(2);
const questions = readFileSync(questionsFile, "utf8").trim().split("\n").map((line) => JSON.parse(line));

const index = new MiniSearch({ fields: ["title", "heading", "text"], storeFields: ["page"] });
let id = 0;
for await (const line of createInterface({ input: createReadStream(chunksFile) })) {
  index.add({ id: id++, ...JSON.parse(line) });
}

// As its documentation shows them: plain; with titles boosted; with prefixes and fuzzy matches on top.
const settings = {
  defaults: {},
  boosted: { boost: { title: 2, heading: 2 } },
  "boosted, prefix, fuzzy 0.2": { boost: { title: 2, heading: 2 }, prefix: true, fuzzy: 0.2 },
};

const results = {};
for (const [name, options] of Object.entries(settings)) {
  if (only && only !== name) continue;
  const times = [];
  let reciprocal = 0;
  let found = 0;
  for (let run = 0; run <= Number(runs); run++) {
    for (const { question, pages } of questions) {
      const began = performance.now();
      const hits = index.search(question, options);
      const took = performance.now() - began;
      if (run > 0) {
        times.push(took);
        continue;
      }
      // The first round warms up and is judged: distinct pages in the order of their best chunk.
      const ranked = [...new Set(hits.map((hit) => hit.page))].slice(0, 10);
      const rank = ranked.findIndex((page) => pages.includes(page));
      reciprocal += rank < 0 ? 0 : 1 / (rank + 1);
      found += rank >= 0 && rank < 5 ? 1 : 0;
    }
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? null;
  results[name] = { mrr: reciprocal / questions.length, recall: found / questions.length, p50: at(0.5), p95: at(0.95) };
}
console.log(JSON.stringify(results));
