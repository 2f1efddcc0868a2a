// A transcript's page: what is being worked on for it shows how far it is.

const LOOK_AGAIN = 2000;

/** @param {HTMLElement} main */
export function ready(main) {
  const jobs = /** @type {HTMLElement | null} */ (main.querySelector("[data-typed]"));
  if (!jobs) return;
  const leaving = new AbortController();
  addEventListener("page:ready", () => leaving.abort(), { once: true });
  const look = async () => {
    const answer = await fetch(jobs.dataset.typed ?? "", { credentials: "same-origin", signal: leaving.signal }).catch(() => null);
    if (leaving.signal.aborted) return;
    const told = answer?.ok ? await answer.json() : { jobs: [], busy: true };
    for (const job of told.jobs) show(main, job);
    if (told.busy) setTimeout(look, LOOK_AGAIN);
    else location.reload();
  };
  setTimeout(look, LOOK_AGAIN);
}

/** @param {HTMLElement} main @param {{id: string, progress: number, words: string}} job */
function show(main, job) {
  const row = main.querySelector(`[data-job="${CSS.escape(job.id)}"]`);
  const bar = row?.querySelector("progress");
  const said = row?.querySelector(".job-said");
  if (bar) bar.value = job.progress;
  if (said) said.textContent = job.words;
}
