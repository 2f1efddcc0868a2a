// Another key: the sound goes through SoundTouch in an audio worklet. Tempo needs none of this, since browsers slow a song
// down without lowering it; so the worklet is fetched when somebody first asks for another key, and taken out of the way
// when they ask for the song's own again.

/** How much later the sound comes out of the worklet than it went in, in milliseconds: 114 to 139 were measured over all keys. */
export const WORKLET_DELAY = 128;

const PROCESSOR = new URL("../../vendor/js/soundtouch-processor.js", import.meta.url).href;

export class KeyChange {
  /** @param {AudioContext} context @param {any} node */
  constructor(context, node) {
    this.context = context;
    this.node = node;
    this.bus = context.createGain();
    this.bus.connect(context.destination);
    node.connect(context.destination);
    this.semitones = 0;
    /** @type {WeakMap<HTMLAudioElement, GainNode>} */
    this.gains = new WeakMap();
  }

  /** Fetch what is needed; fails where the browser has no audio worklets or the library was not set up. */
  static async open() {
    const { SoundTouchNode } = await import("../../vendor/js/soundtouch.js");
    const context = new AudioContext({ latencyHint: "playback" });
    try {
      await SoundTouchNode.register(context, PROCESSOR);
      return new KeyChange(context, new SoundTouchNode({ context }));
    } catch (error) {
      await context.close();
      throw error;
    }
  }

  /** Lead an audio element through here from now on. @param {HTMLAudioElement} audio */
  take(audio) {
    if (this.gains.has(audio)) return;
    const gain = this.context.createGain();
    gain.gain.value = audio.volume;
    audio.volume = 1;
    this.context.createMediaElementSource(audio).connect(gain).connect(this.bus);
    this.gains.set(audio, gain);
  }

  /** @param {HTMLAudioElement} audio @param {number} share @returns {boolean} whether the element is led through here */
  volume(audio, share) {
    const gain = this.gains.get(audio);
    gain?.gain.setTargetAtTime(share, this.context.currentTime, 0.02);
    return Boolean(gain);
  }

  /** @param {number} semitones above the song's own key, or below */
  set(semitones) {
    this.semitones = semitones;
    this.node.pitchSemitones.value = semitones;
    this.bus.disconnect();
    this.bus.connect(semitones ? this.node : this.context.destination);
  }

  /** Milliseconds by which the sound comes later for going through here. */
  get delay() {
    return (this.context.baseLatency || 0) * 1000 + (this.semitones ? WORKLET_DELAY : 0);
  }
}
