// What every page runs: the player, its buttons, and links that do not stop it. A page that needs more names its module
// in `<main data-module>`; the module's `ready(main)` is called each time the page comes, and `data-ready` says that it was.

import { showState } from "../player/bar.js";
import "../desk/leaving.js";
import "../player/press.js";
import "../player/queue-panel.js";
import "./nav.js";
import "./share.js";
import { settle } from "./store.js";

document.documentElement.classList.add("scripted");

async function ready() {
  showState();
  await settle().catch(() => {});
  for (const link of document.querySelectorAll("a[data-come-back]")) {
    link.setAttribute("href", `${link.getAttribute("href")}?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  const main = document.getElementById("main");
  const address = main?.dataset.module;
  if (!main || !address) return;
  const page = await import(address);
  page.ready?.(main);
  main.dataset.ready = "";
}

addEventListener("page:ready", ready);
ready();
