// MenuLens: reports what guests look at, click and order on a menu page. Described in docs/tracker.md.
//
// <script defer src="menulens.min.js" data-endpoint="https://…/events/batch" data-menu="trattoria-roma"></script>
//
// An event is in localStorage, under a key of its own, from the moment it is recorded until the API has answered
// for it. Of its own, because tabs share the storage and nothing locks it: a list of events that one tab writes
// would overwrite what another one has added. An event that is sent twice has the same id, and is merged.
window.menulens ||= (() => {
  const settings = document.currentScript.dataset;
  const endpoint = settings.endpoint;
  const items = "[data-ml-item]";
  const inView = new Map(); // element: [when it came into view, what it was then]
  let due = -1e4; // when the next event would come at the highest steady rate
  let most = 100; // events in a request: the API's limit
  let failures = 0;
  let on = false; // whether to record
  let shown = false; // whether the page is in view, and its items are watched
  let page, timer;

  // A browser may forbid storage or have none: then objects do, for as long as the page lives.
  let queue = {};
  let visit = {};
  try {
    queue = localStorage || queue;
    visit = sessionStorage || visit;
  } catch {}

  const now = () => performance.now(); // a clock that nobody sets
  const random = () => crypto.getRandomValues(new Uint32Array(3)).join(""); // crypto.randomUUID needs https
  // Keys begin with the endpoint, so that two stacks on one site leave each other's events alone.
  const keys = () => Object.keys(queue).filter((key) => key.startsWith(endpoint));

  // ---- Recording ----

  const record = (event_type, fields) => {
    if (!on) return;
    const time = new Date();
    const session_id = time - visit.menulensTime < 18e5 ? visit.menulens : random(); // a visit ends after 30 minutes
    const event_id = random();
    const event = JSON.stringify({
      event_id,
      event_type,
      session_id,
      created_at: time,
      source_menu: settings.menu,
      channel: settings.channel || "web",
      page,
      currency: settings.currency,
      ...fields,
    });
    // 10 events a second after 100 at once; 1,000 in the queue; 20,000 characters, at most 60 KB of the 64 KB
    // that a browser lets outlive a page.
    due = Math.max(due, now() - 9900);
    if (due > now() || keys()[999] || event.length >= 2e4) return;
    due += 100;
    try {
      visit.menulens = session_id;
      visit.menulensTime = +time;
      queue[endpoint + event_id] = event;
    } catch {
      visit = { ...visit };
      queue = { [endpoint + event_id]: event }; // what is in the storage waits for the next page
    }
    schedule();
  };

  // ---- Sending ----

  const schedule = () => {
    // In three seconds, twice as long after each failure up to six minutes, and half more or less at random, so
    // that pages do not come back all at once.
    if (on) timer ||= setTimeout(flush, 3e3 * 2 ** failures * (0.5 + Math.random()));
  };

  // One tab at a time sends what all tabs have recorded. Without locks, as on http, two may send the same.
  const flush = () => {
    const work = async (free) => {
      if (free && on) await send();
      if (keys()[0]) schedule();
    };
    timer = clearTimeout(timer);
    if (navigator.locks) navigator.locks.request(endpoint, { ifAvailable: true }, work);
    else work(1);
  };

  // Sends a batch, and takes it out of the queue when the API has answered. A beacon gets no answer, so what it
  // carries stays in the queue, and the next page sends it again.
  const send = async (beacon) => {
    let length = 0;
    const batch = keys()
      .filter((key) => (length += queue[key].length) < 2e4)
      .slice(0, most);
    const body = `{"events":[${batch.map((key) => queue[key])}]}`;
    if (!length) return;
    if (beacon) return navigator.sendBeacon(endpoint, body);
    try {
      // Text goes as text/plain, for which a browser asks no permission first.
      const answer = await fetch(endpoint, { method: "POST", body, keepalive: true });
      const { status } = answer;
      if (status == 429 || status > 499) throw 0;
      failures = 0;
      if (status > 299) console.warn(await answer.text());
      // One wrong event must not cost the others: they go one by one until it is found.
      most = status == 400 && batch[1] ? 1 : 100;
      if (most > 1) batch.forEach((key) => delete queue[key]);
    } catch {
      failures += failures < 7;
    }
  };

  // ---- Watching ----

  const item = ({ dataset }) => ({
    element_clicked: dataset.mlItem,
    category: dataset.mlCategory || undefined,
    unit_price: +dataset.mlPrice || undefined,
  });

  // Ends the view of an element, if it is in view, and begins another if it `stays`.
  const view = (element, stays) => {
    const [since, fields] = inView.get(element) || [];
    const time_spent = ((now() - since) | 0) / 1e3;
    if (time_spent >= 1) record("item_view", { ...fields, time_spent });
    inView.delete(element);
    if (stays && element.dataset.mlItem) inView.set(element, [now(), item(element)]);
  };

  const crossed = new IntersectionObserver(
    (entries) =>
      entries.forEach(({ target, intersectionRatio, intersectionRect: { width, height } }) => {
        // Half of the element is in view, or it covers half of the window.
        const visible = intersectionRatio >= 0.5 || 2 * width * height >= innerWidth * innerHeight;
        if (shown && visible != inView.has(target)) view(target, visible);
      }),
    { threshold: [0.1, 0.2, 0.3, 0.4, 0.5] },
  );

  // Elements come and change. In a single-page app another page does, without another load.
  const look = (changes) => {
    if (!shown) return;
    changes.forEach(({ attributeName, target }) => {
      if (attributeName && inView.has(target)) view(target, 1);
    });
    document.querySelectorAll(items).forEach((element) => crossed.observe(element));
    if (page != location.pathname) {
      page = location.pathname; // without the query, in which anything may be
      record("menu_view", { element_clicked: "menu", referrer: document.referrer.split("?")[0] });
    }
  };

  // The page comes into view, or goes out of it: for a while or for good, which nobody can tell.
  const turn = ({ type }) => {
    const leaves = type == "pagehide";
    const seen = on && !leaves && !document.hidden;
    if (seen == shown) return;
    shown = seen;
    if (shown) look([]);
    else {
      crossed.disconnect();
      inView.forEach((_, element) => view(element));
      send(leaves);
    }
  };

  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributeFilter: ["data-ml-item"] });
  addEventListener("visibilitychange", turn);
  addEventListener("pagehide", turn);
  addEventListener("pageshow", turn);
  addEventListener("online", flush);
  addEventListener(
    "click",
    ({ target }) => {
      const element = target.closest?.(items);
      if (element) record("click", item(element));
    },
    true,
  );

  // ---- Consent ----

  const consent = (granted) => {
    on = granted && !navigator.globalPrivacyControl && navigator.doNotTrack != 1;
    if (!on) {
      page = "";
      keys().forEach((key) => delete queue[key]);
      delete visit.menulens;
      delete visit.menulensTime;
    }
    turn({});
    schedule();
  };
  if (settings.consent != "required") consent(1);

  return { track: record, consent };
})();
