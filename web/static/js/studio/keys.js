// The timing page by keyboard: every action has a key, and Space taps.

/** Keys typed into a field, or that press what has the focus, are not ours. @param {KeyboardEvent} event */
function elsewhere(event) {
  const target = /** @type {Element} */ (event.target);
  if (target.closest("dialog, input:not([type=range]), textarea, select, [contenteditable]")) return true;
  if (target.closest("input[type=range]")) return event.key.startsWith("Arrow");
  return event.key === "Enter" && Boolean(target.closest("a, button, summary"));
}

/** @param {any} studio @param {AbortSignal} signal */
export function listen(studio, signal) {
  /** @type {Record<string, () => unknown>} */
  const keys = {
    Enter: () => studio.transport.toggle(),
    ArrowUp: () => studio.step(-1),
    ArrowDown: () => studio.step(1),
    ArrowLeft: () => studio.seek(studio.now - 2000),
    ArrowRight: () => studio.seek(studio.now + 2000),
    ",": () => studio.nudge(-10),
    ".": () => studio.nudge(10),
    "<": () => studio.nudge(-50),
    ">": () => studio.nudge(50),
    1: () => studio.aim("line"),
    2: () => studio.aim("start"),
    3: () => studio.aim("end"),
    4: () => studio.aim("rest"),
    "[": () => studio.lines.pick(-1),
    "]": () => studio.lines.pick(1),
    w: () => studio.words(),
    l: () => studio.loop(),
    h: () => studio.hear(),
    p: () => studio.takePattern(),
    u: () => studio.unlink(),
    "-": () => studio.speed(-0.1),
    "+": () => studio.speed(0.1),
    "=": () => studio.speed(0.1),
    z: () => studio.undo(),
    y: () => studio.redo(),
    Z: () => studio.redo(),
    Backspace: () => studio.clear(),
    Delete: () => studio.clear(),
    a: () => studio.others.place(),
    i: () => studio.import.open(),
    "(": () => studio.wave.closer(-1),
    ")": () => studio.wave.closer(1),
    "?": () => studio.help(),
  };
  addEventListener("keydown", (event) => {
    if (elsewhere(event) || event.altKey) return;
    if (event.key === " ") {
      event.preventDefault();
      if (!event.repeat) studio.tap(event);
      return;
    }
    const written = event.key.length > 1 || event.key === "Z" ? event.key : event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && !["z", "Z", "y"].includes(written)) return;
    const act = keys[written];
    if (!act) return;
    event.preventDefault();
    act();
  }, { signal });
  // A button would be pressed by the Space that is let go over it.
  addEventListener("keyup", (event) => {
    if (event.key !== " " || elsewhere(event)) return;
    event.preventDefault();
    studio.release(event);
  }, { signal });
}
