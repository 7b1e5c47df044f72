/* 슬라이드를 펼친다: 수식을 그리고, 넘치는 슬라이드를 나누고, reveal.js를 켠다.
 *
 * 크기를 재려면 모두 보여야 하므로 reveal.js를 켜기 전에 한다. 글꼴을 함께 두어 어느 기계에서나 같은 곳에서 나뉜다.
 */
"use strict";

(async () => {
  const WIDTH = 1280, HEIGHT = 720, ROOM = 560; // ROOM은 머리말을 뺀 한 장의 높이
  const HEADING = "h1, h2, h3, .running, .admonition-title";
  const BREAKABLE = "ul, ol, table, .admonition";
  const paper = document.querySelector(".paper");

  const element = (tag, name, ...children) => {
    const made = document.createElement(tag);
    made.className = name;
    made.append(...children);
    return made;
  };
  const bottom = (node) => node.getBoundingClientRect().bottom;
  const limit = (page) => page.getBoundingClientRect().top + HEIGHT - parseFloat(getComputedStyle(page).paddingBottom);

  /* 표는 줄 사이에서 가른다. 머리글과 설명은 장마다 다시 쓴다. */
  const divideTable = (table, limit) => {
    const rows = [...table.tBodies[0].rows];
    const first = rows.findIndex((row) => bottom(row) > limit - (table.caption?.offsetHeight ?? 0));
    if (first < 1) return null;
    const rest = table.cloneNode(true);
    rest.classList.add("continued");
    rest.tBodies[0].replaceChildren(...rows.slice(first));
    return rest;
  };

  /* `limit`을 넘는 첫 자식부터 떼어 낸 나머지. 한 장에 다 들지 않는 목록과 표와 상자만 그 안에서 가른다. 가를 곳이 없으면 null. */
  const divide = (box, limit) => {
    if (box.matches("table")) return divideTable(box, limit);
    const children = [...box.children];
    const over = children.findIndex((child) => bottom(child) > limit + 1);
    if (over < 0) return null;
    const rest = box.cloneNode(false);
    const long = children[over].matches(BREAKABLE) && children[over].offsetHeight > ROOM;
    const tail = long ? divide(children[over], limit) : null;
    let first = over + (tail ? 1 : 0);
    while (!tail && first > 0 && children[first - 1].matches(HEADING)) first -= 1; // 제목은 그 글과 함께 간다
    if (first === 0) first = over + 1; // 나눌 수 없이 큰 것은 남고, 그 뒤의 것만 옮긴다
    if (first === children.length && !tail) return null;
    if (box.matches("ol")) rest.start = box.start + first - (tail ? 1 : 0);
    rest.append(...(tail ? [tail] : []), ...children.slice(first));
    return rest;
  };

  /* 조금 넘치면 글자를 줄이고, 많이 넘치면 나눈다. 나눌 수 없이 큰 것은 들어갈 만큼 줄인다. */
  const fit = (page) => {
    const over = () => bottom(page.lastElementChild) > limit(page) + 1;
    if (over()) page.classList.add("tight");
    if (!over()) return null;
    page.classList.remove("tight");
    const rest = divide(page, limit(page));
    const last = page.lastElementChild, { top, height } = last.getBoundingClientRect();
    if (over()) last.style.zoom = (limit(page) - top) / height;
    return rest;
  };

  const paginate = (section, running) => {
    let page = element("div", "page", ...section.childNodes);
    section.replaceChildren(page);
    for (let place = section; page; ) {
      if (!page.firstElementChild.matches("h1, h2, h3")) page.prepend(element("p", "running", running));
      page.classList.toggle("drawn", Boolean(page.querySelector("figure")));
      page = fit(page);
      if (page) {
        const next = element("section", "", page);
        place.after(next);
        place = next;
      }
    }
  };

  const label = (selector, text) => {
    for (const node of document.querySelectorAll(selector)) node.setAttribute("aria-label", text);
  };

  await MathJax.startup.promise;
  document.body.getBoundingClientRect(); // 쓰이는 글꼴을 부르게 한다
  await document.fonts.ready;
  await Promise.all([...document.images].map((image) => image.decode()));
  for (const stack of document.querySelectorAll(".slides > section")) {
    const title = stack.querySelector("h1, h2").textContent;
    let part = "";
    for (const section of [...stack.children]) {
      part = section.querySelector("h3")?.textContent ?? part;
      paginate(section, part && part !== title ? `${title} · ${part}` : title);
    }
  }
  paper.className = "reveal";
  await Reveal.initialize({
    width: WIDTH, height: HEIGHT, margin: 0, center: false, hash: true, slideNumber: "c/t", transition: "none",
    navigationMode: "linear", pdfSeparateFragments: false, help: false, jumpToSlide: false, scrollActivationWidth: null,
  });
  label(".navigate-left", "앞 슬라이드");
  label(".navigate-right", "다음 슬라이드");
  document.querySelector(".pause-overlay").textContent = "아무 키나 누르면 이어집니다";
})();
