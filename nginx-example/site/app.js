// The page of the demo.  It asks two things of the server: /auth/session (who is signed in, and how
// long things last) and /api/me (an API behind the session).  It never sees a token, and says so.
"use strict";

const SESSION = "/auth/session";
const API = "/api/me";
const POLL_MS = 5000;
const REPEAT_MS = 3000;
const ANNOUNCE_MS = 60000;

const $ = (id) => document.getElementById(id);
const now = () => performance.now();

const state = {
  session: null,      // the last answer of /auth/session
  asked: 0,           // when it came
  lifetime: 0,        // the longest time left that this token generation was seen with
  generation: null,
  renewals: 0,
  answers: 0,
  leaks: 0,
  announced: -ANNOUNCE_MS,
  calling: false,
  quietUntil: 0,      // after a 503: when to ask again
};

// ---- Asking the server -----------------------------------------------------

// Anything that looks like a token in an answer is counted and shown: the page is its own witness.
const TOKEN = /\beyJ[\w-]{8,}\.[\w-]+\.|"(?:access|refresh|id)_token"/;

async function ask(url) {
  const begun = now();
  const answer = await fetch(url, { headers: { Accept: "application/json" }, cache: "no-store" });
  const text = await answer.text();
  state.answers += 1;
  if (TOKEN.test(text)) state.leaks += 1;
  let body = null;
  try { body = JSON.parse(text); } catch { /* shown as text */ }
  return { status: answer.status, body, text, ms: Math.round(now() - begun), wait: answer.headers.get("Retry-After") };
}

async function askSession() {
  if (now() < state.quietUntil) return;
  let answer;
  try {
    answer = await ask(SESSION);
  } catch {
    notice("The server does not answer. Trying again in a few seconds.");
    return;
  }
  if (answer.status !== 200 || !answer.body) {
    pause(answer);
    return;
  }
  notice("");
  take(answer.body);
}

function pause(answer) {
  const seconds = Math.min(Number(answer.wait) || 5, 60);
  state.quietUntil = now() + seconds * 1000;
  notice(`The server cannot say right now (${answer.status}). Nothing is lost; asking again in ${seconds} seconds.`);
}

async function callAPI(byHand) {
  if (state.calling) return;
  state.calling = true;
  $("call").setAttribute("aria-disabled", "true");
  try {
    showAnswer(await ask(API), byHand);
  } catch {
    $("api-line").textContent = "No answer: is the server still running?";
    if (byHand) announce("The API did not answer.");
  } finally {
    state.calling = false;
    $("call").removeAttribute("aria-disabled");
  }
  await askSession();
}

// ---- What was learned ------------------------------------------------------

function take(session) {
  const before = state.session?.authenticated;
  state.session = session;
  state.asked = now();
  document.body.dataset.state = session.authenticated ? "in" : "out";
  if (session.authenticated) {
    takeToken(session.token ?? {});
    showPerson(session);
    if (before === false) announce("You are signed in.");
  } else {
    $("login").href = `${session.login ?? "/auth/login"}?return_to=/`;
    if (before) {
      notice("The session has ended. What was kept for it is gone; sign in to begin another.");
      $("repeat").checked = false;
    }
    state.generation = null;
  }
  draw();
}

function takeToken({ generation, expires_in: left }) {
  if (generation !== state.generation) {
    if (state.generation !== null) renewed(generation);
    state.generation = generation;
    state.lifetime = 0;
  }
  state.lifetime = Math.max(state.lifetime, left ?? 0, 1);
}

function renewed(generation) {
  state.renewals += 1;
  const tag = document.querySelector(".coat");
  tag.classList.remove("renewed");
  requestAnimationFrame(() => tag.classList.add("renewed"));
  // A screen reader hears of it once a minute at most: the demo renews several times in that time.
  if (now() - state.announced > ANNOUNCE_MS) {
    state.announced = now();
    announce(`The access token was renewed behind the session; it is now number ${generation}.`);
  }
}

// ---- Showing it ------------------------------------------------------------

function showPerson({ claims = {}, logout }) {
  $("who-short").textContent = claims.name ?? claims.preferred_username ?? claims.email ?? claims.sub ?? "someone";
  if (logout?.url && $("logout").getAttribute("action") !== logout.url) $("logout").action = logout.url;
  const rows = Object.entries(claims).map(([name, value]) => {
    const row = document.createElement("div");
    row.append(element("dt", name), element("dd", typeof value === "string" ? value : JSON.stringify(value)));
    return row;
  });
  $("claims").replaceChildren(...rows);
}

function showAnswer(answer, byHand) {
  const line = $("api-line");
  const at = new Date().toLocaleTimeString();
  line.replaceChildren(element("strong", `${answer.status} ${meaning(answer.status)}`), ` in ${answer.ms} ms, at ${at}`);
  const body = $("api-body");
  body.hidden = false;
  if (answer.body) body.replaceChildren(...coloured(JSON.stringify(answer.body, null, 2)));
  else body.textContent = answer.text.slice(0, 4000) || "(empty)";
  if (byHand) announce(`The API answered ${answer.status}, ${meaning(answer.status)}.`);
}

const meaning = (status) =>
  ({ 200: "OK", 401: "not signed in", 403: "not allowed", 502: "no answer from the API", 503: "try again soon" })[status]
  ?? (status < 300 ? "OK" : "refused");

// Names, texts and the rest of indented JSON, as elements: nothing of an answer is ever parsed as HTML.
function* coloured(json) {
  let end = 0;
  for (const part of json.matchAll(/("(?:[^"\\]|\\.)*")(:?)|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g)) {
    yield json.slice(end, part.index);
    const span = element("span", part[1] ?? part[0]);
    span.className = part[2] ? "key" : part[1] ? "text" : "value";
    yield span;
    end = part.index + (part[1] ?? part[0]).length;
  }
  yield json.slice(end);
}

function draw() {
  if (!state.session?.authenticated) return;
  const passed = (now() - state.asked) / 1000;
  const { token = {}, session = {} } = state.session;
  const left = Math.max(0, (token.expires_in ?? 0) - passed);
  put("generation", String(token.generation ?? "?"));
  put("token-left", left > 0 ? `${Math.ceil(left)} s left` : "expired: the next call renews it first");
  put("renewals", state.renewals ? `renewed ${state.renewals} ${state.renewals === 1 ? "time" : "times"} while you watched` : "");
  $("bar").style.setProperty("--left", (left / state.lifetime).toFixed(3));
  put("idle-left", span((session.idle_expires_in ?? 0) - passed));
  put("session-left", span((session.expires_in ?? 0) - passed));
  drawHoldings();
}

async function drawHoldings() {
  const cookies = document.cookie.split(";").map((pair) => pair.split("=")[0].trim()).filter(Boolean);
  put("held-cookies", cookies.length ? `not ours: ${cookies.join(", ")}` : "none");
  const stored = localStorage.length + sessionStorage.length;
  put("held-storage", stored ? `${stored} entries, not ours` : "empty");
  put("held-answers", `${state.answers}, ${state.leaks || "none"} with a token`);
  const databases = (await globalThis.indexedDB?.databases?.()) ?? [];
  const caches = (await globalThis.caches?.keys?.()) ?? [];
  const workers = (await navigator.serviceWorker?.getRegistrations?.()) ?? [];
  const others = databases.length + caches.length + workers.length;
  put("held-other", others ? `${others}, not ours` : "none");
}

function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

// Touches the page only where something changed, so that a reader's place is not lost.
function put(id, text) { if ($(id).textContent !== text) $(id).textContent = text; }

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function notice(text) {
  put("notice", text);
  $("notice").hidden = !text;
}

function announce(text) { $("announcer").textContent = text; }

// ---- Beginning -------------------------------------------------------------

$("call").addEventListener("click", () => callAPI(true));
$("repeat").addEventListener("change", (event) => { if (event.target.checked) callAPI(false); });
// Another tab may have begun another session, to which this tab's logout URL does not belong.
$("logout").addEventListener("submit", async (event) => {
  event.preventDefault();
  $("repeat").checked = false;
  await askSession();
  if (state.session?.authenticated) $("logout").submit();
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) askSession(); });
// Coming back with the browser's back button: what is shown may be of a session that is over.
addEventListener("pageshow", (event) => { if (event.persisted) askSession(); });

setInterval(() => { if (!document.hidden && !state.calling) askSession(); }, POLL_MS);
setInterval(() => {
  if (!document.hidden && $("repeat").checked && state.session?.authenticated) callAPI(false);
}, REPEAT_MS);
setInterval(() => { if (!document.hidden) draw(); }, 500);
askSession();
