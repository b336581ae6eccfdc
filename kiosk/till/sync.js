/**
 * Sync: brings the journal to the server, in order, one request at a time, until the server has all of it. Nothing is ever
 * dropped: a refusal stops or slows the queue and says so, a lost reply is sent again and counted once by the server.
 */

import { Refused, Unreachable } from "./api.js";

const BATCH = 100;
const TIMEOUT = 10_000;
const FIRST = 1000;
const LONGEST = 60_000;

/** Full jitter: tills that lost the same server must not come back in step. @param {number} attempt from 0 @param {() => number} [random] */
export const pause = (attempt, random = Math.random) => FIRST + random() * (Math.min(LONGEST, FIRST * 2 ** attempt) - FIRST);

/**
 * @typedef {{fence: number | null, epoch: number | string}} Session what the server said last: our claim, and which life of its own it is in
 * @typedef {object} Delivery
 * @property {(results: any[]) => void} acknowledged
 * @property {(reached: boolean) => void} saw
 * @property {(patch: {sending?: boolean, signIn?: boolean, stuck?: string}) => void} show
 * @property {(body: any) => void} takenOver
 */

export class Sync {
  /** @param {import("./api.js").Api} api @param {import("./journal.js").Journal} journal @param {string} till @param {Session} session @param {Delivery} on */
  constructor(api, journal, till, session, on) {
    this.session = session;
    this.api = api;
    this.journal = journal;
    this.till = till;
    this.on = on;
    this.attempt = 0;
    this.limit = BATCH;
    this.timer = 0;
    this.running = false;
    this.asked = false;
    this.lastGap = 0;
    this.stopped = false;
  }

  /** There is something to send, or the server is back: try now, whatever the pause. */
  kick() {
    clearTimeout(this.timer);
    this.asked = true;
    if (!this.running && !this.stopped) void this.run();
  }

  /** Another page has the till now. */
  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  async run() {
    this.running = true;
    try {
      while (this.asked && !this.stopped) {
        this.asked = false;
        await this.deliver();
      }
    } finally {
      this.running = false;
      this.on.show({ sending: false });
    }
  }

  /** Send until nothing waits or something stands in the way. */
  async deliver() {
    while (this.session.fence !== null && !this.stopped && this.journal.waiting > 0) {
      this.on.show({ sending: true });
      const entries = await this.journal.pending(this.limit);
      if (!entries.length) return;
      try {
        await this.send(this.session.fence, entries);
      } catch (error) {
        if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
        await this.stand(error);
        return;
      }
      this.attempt = 0;
      this.limit = BATCH;
    }
  }

  /** @param {number} fence @param {import("./journal.js").Entry[]} entries */
  async send(fence, entries) {
    const records = entries.map(({ seq, kind, id, at, payload, prev_hash, hash, signature }) => ({ seq, kind, id, at, payload, prev_hash, hash, signature }));
    let answer;
    try {
      answer = await this.api.post(`tills/${this.till}/journal`, { device: this.journal.device, fence, records }, TIMEOUT);
    } catch (error) {
      // an old fence is told so, but what was sent is kept and answered for all the same
      if (!(error instanceof Refused) || error.code !== "till_taken_over" || !error.body.results) throw error;
      this.on.takenOver(error.body);
      answer = error.body;
    }
    this.on.saw(true);
    this.on.show({ signIn: false, stuck: "" });
    const before = this.journal.head.acked;
    await this.journal.acknowledge(answer.results, answer.audit_head);
    this.on.acknowledged(answer.results);
    if (this.journal.head.acked === before) throw new Unreachable("The server answered for none of the records");
    this.lastGap = 0;
    await this.epoch(answer.recovery_epoch);
  }

  /** A server restored from a copy may have lost what it acknowledged: send everything kept again; repeats cost nothing. @param {number | string} now */
  async epoch(now) {
    const before = this.session.epoch;
    if (!now || now === before) return;
    if (before) await this.journal.rewindTo(0, { epoch: now });
    else await this.journal.moveHead({}, { epoch: now });
    this.session.epoch = now;
    this.on.acknowledged([]);
  }

  /** Something stands in the way: say what, and when the next try is. @param {Refused | Unreachable} error */
  async stand(error) {
    if (error instanceof Unreachable) this.on.saw(false);
    else if (error.status === 401) this.on.show({ signIn: true });
    else if (error.code === "journal_gap" && (await this.fill(error.body.expected_seq))) return;
    else if (error.code === "till_taken_over") this.on.takenOver(error.body);
    else if (error.status === 413 || error.status === 422 || error.status === 400) this.narrow(error);
    else this.on.show({ stuck: error.message });
    this.timer = setTimeout(() => this.kick(), pause(this.attempt));
    this.attempt += 1;
  }

  /** @param {number} expected @returns {Promise<boolean>} whether the next try follows at once */
  async fill(expected) {
    const from = await this.journal.rewindTo(expected);
    const again = this.lastGap === expected;
    this.lastGap = expected;
    if (from > expected || again) this.on.show({ stuck: `journal_gap ${expected}` });
    else this.asked = true;
    return from <= expected && !again;
  }

  /** One bad record must not hold up the good ones before it: try with fewer until it stands alone. @param {Refused} error */
  narrow(error) {
    if (this.limit > 1) {
      this.limit = Math.ceil(this.limit / 4);
      this.attempt = 0;
    } else this.on.show({ stuck: error.message });
  }
}
