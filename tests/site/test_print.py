"""쪽을 하나씩 종이에 인쇄해, 코드의 틀이 빈 채로 남지 않는지 본다."""

import io

import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream

MARK = [1, 0, 1]  # 틀을 찾으려고 칠하는 색. 책은 쓰지 않는다
PAINT = """
    .bd-article :is(.cell_input, div[class*=highlight-]:not(.cell_input *)) { background: rgb(255, 0, 255) !important; }
    .bd-article :is(.cell_input, div[class*=highlight-]) * { background: none !important; }
"""
LINE = 45  # 점. 틀의 여백과 한 줄


def frames(page, reader):
    """종이에 칠해진 틀의 (아래, 위)."""
    matrix, stack, color, path, found = [1, 0, 0, 1, 0, 0], [], None, [], set()
    for values, operator in ContentStream(page.get_contents(), reader).operations:
        match operator:
            case b"q":
                stack.append((matrix, color))
            case b"Q":
                matrix, color = stack.pop()
            case b"cm":
                matrix = multiply([float(value) for value in values], matrix)
            case b"rg":
                color = [float(value) for value in values]
            case b"re":
                x, y, width, height = map(float, values)
                path += [height_of(x, y, matrix), height_of(x + width, y + height, matrix)]
            case b"m" | b"l":
                path.append(height_of(*map(float, values), matrix))
            case b"f" | b"f*" | b"n" | b"S":
                if color == MARK and operator.startswith(b"f"):
                    found.add((min(path), max(path)))
                path = []
    return found


def multiply(inner, outer):
    a, b, c, d, e, f = inner
    A, B, C, D, E, F = outer
    return [a * A + b * C, a * B + b * D, c * A + d * C, c * B + d * D, e * A + f * C + E, e * B + f * D + F]


def height_of(x, y, matrix):
    return matrix[1] * x + matrix[3] * y + matrix[5]


def lines(page):
    """글이 놓인 높이들."""
    found = []

    def visit(text, matrix, text_matrix, font, size):
        if text.strip():
            found.append(multiply(text_matrix, matrix)[5])

    page.extract_text(visitor_text=visit)
    return found


def gaps(page, reader):
    """틀마다 글이 없는 가장 큰 빈자리."""
    heights = lines(page)
    for bottom, top in frames(page, reader):
        inside = sorted(height for height in heights if bottom < height < top)
        yield max(after - before for before, after in zip([bottom, *inside], [*inside, top]))


@pytest.fixture(scope="module")
def printed(new_page, pages):
    page = new_page(reduced_motion="reduce")
    found = {}
    for name in pages:
        page.goto(f"/{name}.html")
        page.evaluate("window.MathJax?.startup?.promise.then(() => {})")
        page.add_style_tag(content=PAINT)
        found[name] = PdfReader(io.BytesIO(page.pdf(format="A4", print_background=True)))
    page.context.close()
    return found


def test_no_printed_page_holds_an_empty_frame(printed):
    empty, count = [], 0
    for name, reader in printed.items():
        for number, page in enumerate(reader.pages, 1):
            found = list(gaps(page, reader))
            count += len(found)
            empty += [(name, number, round(gap)) for gap in found if gap > LINE]
    assert count > 200 and empty == []
