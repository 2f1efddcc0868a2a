// What the studio asks the archive, with the form token that every change needs; an old token is replaced by itself.

import { Refused } from "./outbox.js";

export class Archive {
  /** @param {string} token @param {string} fresh an address whose answer holds a new token */
  constructor(token, fresh) {
    this.token = token;
    this.fresh = fresh;
  }

  /** @param {string} address */
  async get(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store" });
    if (answer.status === 404 || answer.status === 401) throw new Refused("signed-out");
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const found = await answer.json();
    if (found.token) this.token = found.token;
    return found;
  }

  /** @param {string} address @param {any} document */
  async post(address, document, again = true) {
    const answer = await fetch(address, {
      method: "POST", credentials: "same-origin", cache: "no-store", body: JSON.stringify(document),
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token },
    });
    if (answer.status === 400 && again && this.fresh) {
      await this.get(this.fresh);
      return this.post(address, document, false);
    }
    if (answer.status === 404 || answer.status === 401) throw new Refused("signed-out");
    if (!answer.ok && answer.status !== 409) throw new Error(String(answer.status));
    return answer.json();
  }
}
