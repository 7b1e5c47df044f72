"""노트북에 저장된 출력을 읽고 다듬는다. Colab에서 시험할 때도 가져가므로 아무것도 불러오지 않는다."""

# homl11.display의 것과 같다. 거기서 불러오면 텐서플로까지 딸려 온다.
MEASURED = "application/vnd.homl11.measured+json"
VERDICT = "application/vnd.homl11.verdict+json"


def without_script(html):
    """놀이터의 출력에서 자리만 남긴다. 스크립트는 책에도 패키지에도 있으므로 노트북마다 담지 않는다."""
    return html.partition("</div>")[0] + "</div>" if html.startswith('<div class="playground"') else html


def said(output):
    """글자까지 견주는 출력의 줄들: 찍은 것과 판정."""
    data = output.get("data", {})
    return (data["text/plain"] if VERDICT in data else output.get("text", "")).splitlines()
