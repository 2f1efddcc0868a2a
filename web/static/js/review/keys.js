// The editor by keyboard. Keys are known by their place, so that they are the same under a Khmer layout, and they work
// while somebody writes: with Alt, which writes nothing.

/** @type {Record<string, string>} */
const ALT = {
  KeyK: "play", KeyJ: "back", KeyL: "forward", KeyP: "one", Comma: "slower", Period: "faster", KeyN: "doubt", KeyB: "doubtBefore",
  ArrowUp: "previous", ArrowDown: "next", Enter: "split", KeyM: "merge", KeyI: "add", Delete: "remove", Backspace: "remove",
  KeyU: "vouch", BracketLeft: "earlier", BracketRight: "later", KeyS: "speaker", KeyR: "mark", KeyG: "jump", KeyH: "help",
};
/** @type {Record<string, string>} */
const ALT_SHIFT = { BracketLeft: "endEarlier", BracketRight: "endLater" };
/** @type {Record<string, string>} */
const PLAIN = { Space: "play", ArrowLeft: "back", ArrowRight: "forward" };

/** @param {any} editor @param {AbortSignal} signal */
export function listen(editor, signal) {
  addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target.closest("dialog")) return;
    const name = named(event, Boolean(target.closest("[contenteditable], input, textarea, select, button, a, summary")));
    if (!name) return;
    event.preventDefault();
    event.stopPropagation();
    editor.acts.run(name);
  }, { signal, capture: true });
}

/** @param {KeyboardEvent} event @param {boolean} busy whether plain keys belong to what has the focus */
function named(event, busy) {
  const command = event.ctrlKey || event.metaKey;
  if (command && !event.altKey) {
    if (event.code === "KeyZ") return event.shiftKey ? "redo" : "undo";
    if (event.code === "KeyY") return "redo";
    return event.code === "KeyS" ? "save" : null;
  }
  if (event.altKey && !command) return event.shiftKey ? ALT_SHIFT[event.code] : ALT[event.code];
  return busy || command || event.altKey || event.shiftKey ? null : PLAIN[event.code];
}
