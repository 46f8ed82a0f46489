// Crawls a site with CheerioCrawler and prints what it took as one line of JSON.
// usage: node crawlee.mjs START CONCURRENCY
import { CheerioCrawler, Configuration, LogLevel, log } from "@crawlee/cheerio";

const [start, concurrency] = process.argv.slice(2);
log.setLevel(LogLevel.ERROR);

// Asset links are passed over by both crawlers; fragments are dropped by both.
const exclude = [/\.(css|js|png|jpe?g|gif|svg|ico|pdf|zip|gz|xml|json|woff2?)$/i];
let pages = 0;
let failed = 0;
let characters = 0;

const crawler = new CheerioCrawler(
  {
    // At the concurrency wanted from the first moment: its scaling from one would count against it.
    minConcurrency: Number(concurrency),
    maxConcurrency: Number(concurrency),
    maxRequestRetries: 0,
    useSessionPool: false,
    additionalMimeTypes: ["text/plain"],
    async requestHandler({ $, enqueueLinks }) {
      if ($) {
        characters += $("title").text().length + $("body").text().length;
        await enqueueLinks({ strategy: "same-origin", exclude });
      }
      pages++;
    },
    failedRequestHandler() {
      failed++;
    },
  },
  // Its queue stays in memory.
  new Configuration({ persistStorage: false, availableMemoryRatio: 0.5 }),
);

const began = performance.now();
const before = process.cpuUsage();
await crawler.run([start]);
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ pages, failed, characters, seconds, cpu: (user + system) / 1e6 }));
process.exit(0);
