/* 쪽 맨 위의 «읽기 / 코드까지»: 접힌 코드를 모두 접거나 펼치고, 고른 것을 기억한다.
   문장 끝의 ✔를 누르면 그 판정이 든 곳을 펼치고 그리로 간다. 스크립트가 없어도 하나씩 펼칠 수 있다. */
(() => {
  "use strict";

  const KEY = "homl11-code";
  const folds = [...document.querySelectorAll("details.fold")];

  /* 저장할 수 없는 브라우저(사생활 보호 창)에서는 이 쪽에서만 바뀐다. */
  const remembered = () => {
    try {
      return localStorage.getItem(KEY) === "open";
    } catch {
      return false;
    }
  };
  const remember = (open) => {
    try {
      localStorage.setItem(KEY, open ? "open" : "folded");
    } catch { /* 기억하지 못할 뿐이다 */ }
  };

  const buttons = ["읽기", "코드까지"].map((name, open) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => {
      remember(Boolean(open));
      apply(Boolean(open));
    });
    return button;
  });

  const apply = (open) => {
    for (const fold of folds) fold.open = open;
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(Boolean(index) === open)));
  };

  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = target && target.closest("details.fold:not([open])");
    if (!fold) return;
    fold.open = true;
    target.scrollIntoView({ block: "center" });
  };

  if (folds.length) {
    const group = document.createElement("div");
    group.className = "reading-switch";
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "코드를 얼마나 볼지");
    group.append(...buttons);
    document.querySelector(".bd-article h1").after(group);
    apply(remembered());
  }
  addEventListener("hashchange", reveal);
  reveal();
})();
