// Asking the archive from the desk: forms by post, with the page's token, and one sentence when it fails.

import { sentence } from "./sentences.js";

export class Refused extends Error {}

export class Asking {
  /** @param {string} token */
  constructor(token) {
    this.token = token;
  }

  /** @param {string} address @param {Record<string, string> | URLSearchParams} given @param {string} [accept] */
  async post(address, given, accept = "text/html") {
    const form = new URLSearchParams(given);
    form.set("csrf_token", this.token);
    let answer;
    try {
      answer = await fetch(address, { method: "POST", body: form, headers: { Accept: accept }, credentials: "same-origin" });
    } catch {
      throw new Refused(sentence("failed"));
    }
    if (answer.status === 422) throw new Refused((await answer.json()).error);
    if (!answer.ok) throw new Refused(sentence(answer.status === 404 ? "out" : "failed"));
    return answer;
  }

  /** @param {string} address */
  async get(address) {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok) throw new Refused(sentence("failed"));
    return answer.text();
  }
}
