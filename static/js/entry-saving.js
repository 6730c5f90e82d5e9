// Cells on their way to the server: one at a time, in order, each with what stands in it when its turn comes. Where the line or
// the server fails they wait and are tried again, so that nothing that was written is lost.

const PAUSES = [2, 4, 8, 15, 30];

export class Saving {
  // body(key): what to send. heard(key, outcome, answer): "saved", "fault", "conflict", "refused". changed(state): "idle",
  // "saving", "waiting", "server", "signed_out".
  constructor({ url, token, body, heard, changed }) {
    Object.assign(this, { url, token, body, heard, changed });
    this.queue = [];
    this.going = false;
    this.state = "idle";
    this.failures = 0;
    addEventListener("online", () => this.resume());
  }

  get busy() {
    return this.going || this.queue.length > 0;
  }

  add(key) {
    if (!this.queue.includes(key)) this.queue.push(key);
    if (this.state !== "waiting" && this.state !== "server") this.resume();
  }

  drop(key) {
    this.queue = this.queue.filter((waiting) => waiting !== key);
  }

  resume() {
    clearTimeout(this.timer);
    if (!this.going && this.queue.length) this.next();
  }

  async next() {
    this.going = true;
    while (this.queue.length) {
      const key = this.queue.shift();
      this.tell("saving", key);
      const outcome = await this.send(key);
      if (outcome) {
        if (!this.queue.includes(key)) this.queue.unshift(key);
        this.going = false;
        this.tell(outcome, key);
        if (outcome !== "signed_out") this.later();
        return;
      }
      this.failures = 0;
    }
    this.going = false;
    this.tell("idle");
  }

  // Undefined where the server has answered for this cell; otherwise what hinders.
  async send(key) {
    let answer;
    try {
      answer = await fetch(this.url, {
        method: "POST",
        body: this.body(key),
        headers: { "X-CSRFToken": this.token, Accept: "application/json" },
        redirect: "manual",
      });
    } catch {
      return "waiting";
    }
    if (answer.type === "opaqueredirect") return "signed_out";
    const outcome = { 200: "saved", 403: "refused", 409: "conflict", 422: "fault" }[answer.status];
    if (!outcome || !answer.headers.get("Content-Type")?.includes("json")) return answer.status === 403 ? "signed_out" : "server";
    this.heard(key, outcome, await answer.json());
    return undefined;
  }

  later() {
    const seconds = PAUSES[Math.min(this.failures, PAUSES.length - 1)];
    this.failures += 1;
    this.timer = setTimeout(() => this.resume(), seconds * 1000);
  }

  tell(state, key) {
    this.state = state;
    this.changed(state, key);
  }
}
