import { ApiError } from "./api";

const firstWaitMs = 250;
const longestWaitMs = 30_000;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Jittered, so that a restarted server is not met by everybody in the same second. */
export function waitBefore(failures: number, random: () => number = Math.random): number {
  return Math.min(longestWaitMs, firstWaitMs * 2 ** failures) * (0.25 + 0.75 * random());
}

/** Calls again, with growing waits, as long as the failure may pass; up to `tries` times. */
export async function persist<T>(call: () => Promise<T>, tries: number, onFailure?: () => void): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError && error.passing) || failures >= tries) throw error;
      onFailure?.();
      await pause(waitBefore(failures));
    }
  }
}
