import { Api, type ApiError } from "./api";
import { PageHandle } from "./page";
import type { Config, Identity } from "./protocol";
import { Memory } from "./storage";
import { persist } from "./timing";
import { Widget } from "./widget";

const tries = 5;

// `currentScript` is known only while the script itself runs.
const script = document.currentScript as HTMLScriptElement | null;
const page = new PageHandle();
if (script && page.install()) void boot(script);

async function boot({ src, dataset, nonce }: HTMLScriptElement): Promise<void> {
  const base = new URL(".", src).href;
  const key = dataset.key;
  if (!key) return console.error("Tenet: the script tag needs data-key.");
  const api = new Api(base, key);
  const config = await load(api);
  if (!config) return;
  if (document.readyState === "loading") await new Promise((done) => addEventListener("DOMContentLoaded", done, { once: true }));

  const privacyUrl = config.privacyUrl && new URL(config.privacyUrl, base).href;
  const known = { ...config, privacyUrl };
  const widget = new Widget(api, known, new Memory(key), page.emitter, { language: dataset.language ?? null, nonce: nonce ?? "" });
  const identity = parseIdentity(dataset.identity);
  if (identity) widget.identify(identity);
  widget.start();
  page.ready(widget);
}

async function load(api: Api): Promise<Config | null> {
  try {
    return await persist(() => api.config(), tries);
  } catch (error) {
    const { status, message } = error as ApiError;
    console.error(`Tenet did not start (${status}). ${message || "Check data-key and the allowed origins."}`);
    return null;
  }
}

function parseIdentity(json: string | undefined): Identity | null {
  if (!json) return null;
  try {
    return JSON.parse(json) as Identity;
  } catch {
    console.error("Tenet: data-identity is not JSON.");
    return null;
  }
}
