/* 보기를 고르고 «이걸로 정한다»를 눌러야 답이 보인다. 고른 것과 바른 것을 나란히 보이고, 틀렸으면 그 보기에 대한 한마디를 짚는다.
   답과 읽은 쪽은 이 브라우저에만 남는다. 짝은 만들 때 적어 둔 것이다(book/_ext/quiz). */
(() => {
  "use strict";

  const KEY = "homl11-reader";
  const article = document.querySelector(".bd-article");
  if (!article) return;
  const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href);
  const page = location.href.split(/[?#]/)[0].slice(root.href.length).replace(/(^|\/)$/, "$1index.html");

  /* 저장할 수 없는 브라우저에서는 쪽을 떠나면 잊는다. */
  const load = () => {
    try {
      return { answers: {}, read: {}, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
    } catch {
      return { answers: {}, read: {} };
    }
  };
  const kept = load();
  const keep = () => {
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch { /* 기억하지 못할 뿐이다 */ }
    forget.hidden = false;
    report();
  };

  const element = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  const questions = [...article.querySelectorAll("ul.choices")].map((list, number) => {
    const key = [...list.classList].find((name) => name.startsWith("q-"));
    const title = list.previousElementSibling, answer = list.nextElementSibling;
    const items = [...list.children];
    const right = items.findIndex((item) => item.classList.contains("right"));
    const radios = items.map((item, index) => {
      const radio = element("input", { type: "radio", name: `quiz-${number}`, value: index });
      radio.addEventListener("change", () => { commit.disabled = false; });
      const said = item.querySelector(".said");
      if (said) {
        radio.setAttribute("aria-label", said.textContent);
        said.remove();
      }
      return radio;
    });
    const labels = items.map((item, index) => element("label", {}, radios[index], element("span", { className: "choice" }, ...item.childNodes)));
    const commit = element("button", { type: "button", className: "quiz-commit", textContent: "이걸로 정한다", disabled: true });
    const again = element("button", { type: "button", className: "quiz-again", textContent: "다시 고르기" });
    const told = element("p", { className: "quiz-told" });
    told.setAttribute("role", "status");
    const group = element("fieldset", { className: "quiz" }, element("legend", {}, ...title.childNodes), ...labels, commit, again, told);

    const show = () => {
      const mine = kept.answers[key];
      const committed = mine !== undefined && mine < items.length;
      group.classList.toggle("committed", committed);
      labels.forEach((label, index) => {
        label.classList.toggle("right", committed && index === right);
        label.classList.toggle("wrong", committed && index === mine && mine !== right);
        radios[index].disabled = committed;
        radios[index].checked = committed && index === mine;
      });
      commit.hidden = committed;
      commit.disabled = true;
      again.hidden = !committed;
      answer.hidden = !committed;
      for (const remark of answer.querySelectorAll("ul.remarks > li"))
        remark.classList.toggle("mine", committed && remark.classList.contains(`for-${mine}`));
      told.textContent = !committed ? "" : mine === right ? "✔ 맞다." : "✘ 바른 보기에 ✔를 달았다. 고른 보기의 한마디를 답에서 보자.";
    };
    commit.addEventListener("click", () => {
      kept.answers[key] = radios.findIndex((radio) => radio.checked);
      answer.open = true;
      show();
      keep();
      again.focus();
    });
    again.addEventListener("click", () => {
      delete kept.answers[key];
      answer.open = false;
      show();
      keep();
      radios[0].focus();
    });
    title.replaceWith(group);
    list.remove();
    return { key, show };
  });

  /* 쪽 맨 위: 물음 몇 개에 답했는가. */
  const progress = element("p", { className: "quiz-progress" });
  const report = () => {
    const done = questions.filter(({ key }) => key in kept.answers).length;
    progress.textContent = `이 쪽의 물음 ${questions.length}개 가운데 ${done}개에 답했다.`;
  };
  if (questions.length) article.querySelector("h1").after(progress);

  /* 차례: 끝까지 본 쪽에 ✓를 단다. */
  const links = [...document.querySelectorAll(".bd-links a.reference.internal")];
  const markRead = () => {
    for (const link of links) {
      const read = kept.read[link.href.split("#")[0].slice(root.href.length)];
      link.querySelector(".page-read")?.remove();
      if (!read) continue;
      const mark = element("span", { className: "page-read", textContent: " ✓", title: "끝까지 읽었다" });
      mark.setAttribute("role", "img");
      mark.setAttribute("aria-label", "읽었다");
      link.append(mark);
    }
  };
  const end = document.querySelector(".prev-next-footer");
  if (end && !kept.read[page]) {
    const watch = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watch.disconnect();
      kept.read[page] = true;
      markRead();
      keep();
    });
    watch.observe(end);
  }

  const forget = element("button", { type: "button", className: "quiz-forget", textContent: "내 답과 읽은 표시 지우기" });
  forget.hidden = !Object.keys(kept.answers).length && !Object.keys(kept.read).length;
  forget.addEventListener("click", () => {
    for (const kind of ["answers", "read"]) for (const key of Object.keys(kept[kind])) delete kept[kind][key];
    for (const { show } of questions) show();
    markRead();
    keep();
    forget.hidden = true;
  });
  article.append(forget);

  for (const { show } of questions) show();
  report();
  markRead();
})();
