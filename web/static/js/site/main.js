// What every page runs: the player, its buttons, and links that do not stop it. A page that needs more names its module
// in `<main data-module>`; the module's `ready(main)` is called each time the page comes.

import { showState } from "../player/bar.js";
import "../desk/leaving.js";
import "../player/press.js";
import "./nav.js";
import { settle } from "./store.js";

document.documentElement.classList.add("scripted");

async function ready() {
  showState();
  await settle().catch(() => {});
  const main = document.getElementById("main");
  const address = main?.dataset.module;
  if (!main || !address) return;
  const page = await import(address);
  page.ready?.(main);
}

addEventListener("page:ready", ready);
ready();
