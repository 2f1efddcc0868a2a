// One stretch of recording: the microphone, its pieces of two seconds, the clock that stands while it is paused, and how it
// sounds, in plain words.

import { drawn } from "./sealed.js";

const PIECE_MS = 2000;
const BITS_A_SECOND = 32_000;
const TYPES = ["audio/webm;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/ogg;codecs=opus"];
const LOOK_MS = 100;
const WINDOW = 50;

/** Bytes that a second of recording takes, with what encrypting adds. */
export const BYTES_A_SECOND = BITS_A_SECOND / 8 + 100;

export const typeHere = () => TYPES.find((type) => self.MediaRecorder?.isTypeSupported(type)) ?? "";

/** Whether this browser can record, encrypt and keep. */
export const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia && crypto.subtle && typeHere());

/** The value below which a share of the numbers lies. @param {number[]} sorted @param {number} share */
const at = (sorted, share) => sorted[Math.floor((sorted.length - 1) * share)];

/**
 * How it sounds, by the last five seconds: loudness in dB of each tenth of a second, and how many of them were torn.
 * @param {number[]} loud @param {number} torn @returns {"good" | "far" | "torn" | "hum" | "nothing"}
 */
export function heard(loud, torn) {
  if (torn > 2) return "torn";
  const sorted = [...loud].sort((one, other) => one - other);
  const [floor, voice] = [at(sorted, 0.1), at(sorted, 0.9)];
  if (voice < -65) return "nothing";
  if (floor > -50 && voice - floor < 6) return "hum";
  return voice < -45 ? "far" : "good";
}

export class RecordedSitting {
  /** @param {MediaStream} stream @param {CryptoKey} key @param {import("./sealed.js").WrappedKey} wrapped */
  constructor(stream, key, wrapped) {
    this.stream = stream;
    this.key = key;
    this.wrapped = wrapped;
    this.recorder = new MediaRecorder(stream, { mimeType: typeHere(), audioBitsPerSecond: BITS_A_SECOND });
    this.type = this.recorder.mimeType.split(";")[0];
    this.before = 0;
    this.since = 0;
    /** @type {(bytes: Uint8Array, ms: number) => unknown} */
    this.onPiece = () => {};
    this.onLost = () => {};
    /** @type {Promise<unknown>} */
    this.pieces = Promise.resolve();
    this.recorder.ondataavailable = ({ data }) => {
      const ms = this.ms();
      if (data.size) this.pieces = this.pieces.then(async () => this.onPiece(new Uint8Array(await data.arrayBuffer()), ms));
    };
    stream.getAudioTracks()[0].onended = () => this.onLost();
    this.#listen();
  }

  /** Ask for the microphone and begin. @param {string} owner the account's public key */
  static async begin(owner) {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true },
    });
    const { key, wrapped } = await drawn(owner);
    const begun = new RecordedSitting(stream, key, wrapped);
    begun.recorder.start(PIECE_MS);
    begun.since = performance.now();
    return begun;
  }

  /** How much is recorded, without the pauses. */
  ms() {
    return Math.round(this.before + (this.since ? performance.now() - this.since : 0));
  }

  get paused() {
    return this.recorder.state === "paused";
  }

  pause() {
    this.before = this.ms();
    this.since = 0;
    this.recorder.requestData();
    this.recorder.pause();
  }

  goOn() {
    this.recorder.resume();
    this.since = performance.now();
  }

  /** End it, and wait for the last piece. */
  async end() {
    this.before = this.ms();
    this.since = 0;
    if (this.recorder.state !== "inactive") {
      const ended = new Promise((resolve) => (this.recorder.onstop = resolve));
      this.recorder.stop();
      await ended;
    }
    for (const track of this.stream.getTracks()) track.stop();
    clearInterval(this.looking);
    await this.sounds?.close().catch(() => {});
    await this.pieces;
  }

  #listen() {
    this.sounds = new AudioContext();
    const analyser = this.sounds.createAnalyser();
    analyser.fftSize = 4096;
    this.sounds.createMediaStreamSource(this.stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    /** @type {number[]} */
    const loud = [];
    /** @type {boolean[]} */
    const torn = [];
    this.looking = setInterval(() => {
      if (this.recorder.state !== "recording") return;
      analyser.getFloatTimeDomainData(samples);
      let sum = 0;
      let peak = 0;
      for (const one of samples) {
        sum += one * one;
        peak = Math.max(peak, Math.abs(one));
      }
      this.level = 10 * Math.log10(sum / samples.length + 1e-10);
      loud.push(this.level);
      torn.push(peak > 0.985);
      if (loud.length > WINDOW) [loud, torn].forEach((list) => list.shift());
      this.heard = loud.length < WINDOW ? undefined : heard(loud, torn.filter(Boolean).length);
    }, LOOK_MS);
  }
}
