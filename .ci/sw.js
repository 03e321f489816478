// Keeps the whole site in the browser, so that it works without a network after the first visit.
// `.ci/offline.sh` writes this build's version and list of files into the two lines below.
// Written by hand: a generator of service workers would need a build step of its own for these few lines, and has no
// strategy that serves all files of one version or all of another.
const VERSION = "";
const FILES = [];

const ROOT = new URL(self.registration.scope);
const PREFIX = `ballstick ${ROOT.pathname} `;
const CACHE = PREFIX + VERSION;
const KNOWN = new Set(FILES.map(file => new URL(file, ROOT).href));

// Keeps all files or none: where a file cannot be fetched, the version before stays, and the next visit tries
// again. The requests pass the browser's own cache, which might hold a file of the version before.
self.addEventListener("install", event => {
  const requests = [...KNOWN].map(file => new Request(file, { cache: "no-cache" }));
  event.waitUntil(caches.open(CACHE).then(cache => cache.addAll(requests)));
});

self.addEventListener("activate", event => {
  const old = name => name.startsWith(PREFIX) && name !== CACHE;
  event.waitUntil(
    caches.keys()
      .then(names => Promise.all(names.filter(old).map(name => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// A new version waits until the pages of the old one are gone; the old one's `answer` below tells it so.
self.addEventListener("message", event => {
  if (event.data === "activate") self.skipWaiting();
});

// The address under which the answer to a request is kept: without query and hash, a folder's for its index.
const key = request => {
  const url = new URL(request.url);
  url.search = "";
  url.hash = "";
  url.pathname = url.pathname.replace(/\/index\.html$/, "/");
  if (!KNOWN.has(url.href) && KNOWN.has(`${url.href}/`)) url.pathname += "/";
  return url.href;
};

const answer = async request => {
  const waiting = self.registration.waiting;
  if (request.mode === "navigate" && waiting && (await self.clients.matchAll()).length < 2) {
    // the first visit after a new version was fetched: the new version takes over, and the page loads from it
    waiting.postMessage("activate");
    return new Response("", { headers: { "Refresh": "0" } });
  }
  const url = key(request);
  if (request.mode === "navigate" && url === `${request.url.split(/[?#]/)[0]}/`) {
    return Response.redirect(url); // relative addresses need the slash at a folder's end
  }
  const cache = await caches.open(CACHE);
  return (await cache.match(url)) ?? fetch(request);
};

self.addEventListener("fetch", event => {
  const { request } = event;
  if (request.method === "GET" && KNOWN.has(key(request))) event.respondWith(answer(request));
});
