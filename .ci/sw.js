// Keeps the whole site in the browser, so that it works without a network after the first visit.
// `.ci/offline.sh` writes this build's version and list of files into the two lines below.
// Written by hand: a generator of service workers would need a build step of its own for these few lines, and none of
// its strategies is this one, all files of one version or all of the other.
const VERSION = "";
const FILES = [];

const ROOT = new URL(self.registration.scope);
const PREFIX = `ballstick ${ROOT.pathname} `;
const CACHE = PREFIX + VERSION;
const KNOWN = new Set(FILES.map(file => new URL(file, ROOT).href));

// All or nothing: where a file cannot be had, the version before stays, and the next visit tries
// again. The browser's own cache might hold a file of the version before.
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

// A new version waits until the pages of the old one are gone; the last of them says so.
self.addEventListener("message", event => {
  if (event.data === "activate") self.skipWaiting();
});

// The address under which a request's answer is kept: without query, a folder for its index.
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
    // the next visit after a new version was fetched: let it in and load the page from it
    waiting.postMessage("activate");
    return new Response("", { headers: { "Refresh": "0" } });
  }
  const url = key(request);
  if (request.mode === "navigate" && url === `${request.url.split(/[?#]/)[0]}/`) {
    return Response.redirect(url); // relative addresses need the folder's slash
  }
  const cache = await caches.open(CACHE);
  return (await cache.match(url)) ?? fetch(request);
};

self.addEventListener("fetch", event => {
  const { request } = event;
  if (request.method === "GET" && KNOWN.has(key(request))) event.respondWith(answer(request));
});
