"""A register page: filter, sort, keep as a view, leaf through it by key."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.desk import Office


def first_cells(page: Page) -> list[str]:
    return page.locator("#table tbody th").all_inner_texts()


def test_a_filter_and_an_order_are_kept_under_a_name_and_opened_again(office: Office) -> None:
    page = office.desk("statistician")
    page.goto("/registers/projects/")
    page.locator(".filter-more summary").click()
    with page.expect_response("**/registers/projects/?**"):
        page.get_by_label("产业", exact=True).select_option(label="先进陶瓷")
    expect(page.locator(".chips")).to_contain_text("先进陶瓷")
    page.get_by_role("columnheader").get_by_role("link", name="总投资").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("总投资")
    page.get_by_role("columnheader").get_by_role("link", name="总投资").click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("总投资")
    largest_first = first_cells(page)
    page.get_by_label("把当前筛选存为视图").fill("陶瓷按总投资")
    page.get_by_role("button", name="保存视图").click()

    page.goto("/registers/projects/")
    assert first_cells(page) != largest_first
    page.get_by_role("link", name="陶瓷按总投资").click()
    expect(page.locator(".chips")).to_contain_text("先进陶瓷")
    assert first_cells(page) == largest_first
    amounts = [float(text.replace(",", "")) for text in page.locator("#table tbody td[data-label^=总投资]").all_inner_texts()]
    assert amounts == sorted(amounts, reverse=True)
    page.get_by_role("button", name="删除视图 陶瓷按总投资").click()
    expect(page.get_by_role("link", name="陶瓷按总投资")).to_have_count(0)


def test_leafing_forwards_and_back_comes_to_the_same_rows(office: Office) -> None:
    page = office.desk("statistician")
    page.goto("/registers/progress_reports/?sort=month")
    seen = [first_cells(page)]
    addresses = [[a.get_attribute("href") for a in page.locator("#table tbody th a").all()]]
    for _ in range(2):
        with page.expect_response("**/registers/progress_reports/?**"):
            page.get_by_role("link", name="下一页").click()
        page.wait_for_function(
            "(old) => document.querySelector('#table tbody th a').getAttribute('href') !== old", arg=addresses[-1][0]
        )
        addresses.append([a.get_attribute("href") for a in page.locator("#table tbody th a").all()])
        seen.append(first_cells(page))
    flat = [address for one in addresses for address in one]
    assert len(flat) == len(set(flat))
    for earlier in (1, 0):
        page.get_by_role("link", name="上一页").click()
        page.wait_for_function(
            "(old) => document.querySelector('#table tbody th a').getAttribute('href') === old", arg=addresses[earlier][0]
        )
        assert first_cells(page) == seen[earlier]
    expect(page.get_by_role("link", name="上一页")).to_have_count(0)


def test_typing_in_the_search_narrows_the_table_without_a_button(office: Office) -> None:
    page = office.desk("statistician")
    page.goto("/registers/projects/")
    everything = page.inner_text("#count")
    page.locator("#q").press_sequentially("琅塘")
    expect(page.locator(".chips")).to_contain_text("琅塘")
    assert page.inner_text("#count") != everything
    assert all("琅塘" in row for row in page.locator("#table tbody tr").all_inner_texts())


def test_going_back_to_a_list_shows_the_whole_page_with_its_filter(office: Office) -> None:
    page = office.desk("statistician")
    page.goto("/registers/projects/")
    page.locator("#q").press_sequentially("琅塘")
    expect(page.locator(".chips")).to_contain_text("琅塘")
    number = page.inner_text("#count")
    page.locator("#table tbody th a").first.click()
    expect(page.locator("#fields")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("navigation", name="主菜单")).to_be_visible()
    expect(page.locator("#q")).to_have_value("琅塘")
    expect(page.locator("#count")).to_have_text(number)
