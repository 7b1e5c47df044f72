"""저장하는 노트북에 남길 놀이터의 모습. Colab에서 시험할 때도 가져가므로 아무것도 불러오지 않는다."""


def without_script(html):
    """놀이터의 출력에서 자리만 남긴다. 스크립트는 책에도 패키지에도 있으므로 노트북마다 담지 않는다."""
    return html.partition("</div>")[0] + "</div>" if html.startswith('<div class="playground"') else html
