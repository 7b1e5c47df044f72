/* 용어 풀이. 마우스를 올리거나, 키보드로 옮겨 가거나, 손가락으로 처음 두드리면 풀이가 뜬다. 두 번째 두드리면 용어집으로 간다.
   Esc를 누르거나 다른 곳을 두드리면 사라지고, 풀이 위로 마우스를 옮겨도 남아 있다(WCAG 1.4.13). */
(() => {
  "use strict";

  const GAP = 4;
  const tip = document.createElement("div");
  if (!tip.showPopover) return; // 오래된 브라우저에서는 링크로만 쓰인다
  const text = document.createElement("div");
  const link = document.createElement("a");
  link.textContent = "용어집에서 보기";
  link.tabIndex = -1; // 키보드로는 용어에서 Enter를 누르면 된다
  tip.className = "glossary-tip";
  tip.popover = "manual"; // 표나 상자에 잘리지 않게 모든 것의 위에 띄운다
  tip.append(text, link);

  let term = null; // 풀이가 떠 있는 용어
  let timer = 0;
  let touched = null; // 방금 손가락으로 누른 용어. 그때 이미 열려 있었으면 null

  /* 아직 읽지 않은 글을 가리지 않게 용어의 바로 위에, 자리가 없으면 아래에 둔다. 쪽과 함께 움직이고, 옆으로 벗어나지 않는다. */
  const place = () => {
    const { left, top } = term.getClientRects()[0];
    const { bottom } = term.getBoundingClientRect();
    const { width, height } = tip.getBoundingClientRect();
    const { clientWidth } = document.documentElement;
    const above = top - GAP - height > 0;
    tip.style.left = `${scrollX + Math.max(2 * GAP, Math.min(left, clientWidth - width - 2 * GAP))}px`;
    tip.style.top = `${scrollY + (above ? top - GAP - height : bottom + GAP)}px`;
  };

  const hide = () => {
    clearTimeout(timer);
    term?.classList.remove("open");
    term = null;
    tip.hidePopover();
  };

  const show = (target) => {
    clearTimeout(timer);
    if (term === target) return;
    term?.classList.remove("open");
    term = target;
    term.classList.add("open");
    text.innerHTML = document.getElementById(term.getAttribute("aria-describedby")).innerHTML;
    link.href = term.href;
    tip.showPopover();
    place();
  };

  const later = (action, delay) => {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  };
  const leave = (event) => event.pointerType !== "touch" && !term?.matches(":focus-visible") && later(hide, 250);

  document.querySelector("article").append(tip);
  for (const each of document.querySelectorAll("a.glossary-term")) {
    each.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && later(() => show(each), 150));
    each.addEventListener("pointerleave", leave);
    each.addEventListener("focus", () => each.matches(":focus-visible") && show(each));
    each.addEventListener("blur", (event) => !tip.contains(event.relatedTarget) && !tip.matches(":hover") && later(hide, 50));
    each.addEventListener("click", (event) => {
      if (touched !== each) return;
      event.preventDefault();
      show(each);
    });
  }
  tip.addEventListener("pointerenter", () => clearTimeout(timer));
  tip.addEventListener("pointerleave", leave);
  document.addEventListener("pointerdown", (event) => {
    const pressed = event.target.closest("a.glossary-term");
    touched = event.pointerType === "touch" && pressed !== term ? pressed : null;
    if (term && pressed !== term && !tip.contains(event.target)) hide();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  addEventListener("resize", () => term && place());
})();
