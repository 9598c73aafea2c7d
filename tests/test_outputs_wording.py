import pytest

from aggregator.outputs.wording import short_name


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("BBC News", "BBC News"),
        ("NPR Topics: World", "NPR Topics"),
        ("World - Daily.com", "Daily.com"),
        ("Courier > Top Stories", "Courier"),
        ("Новости – Нева", "Нева"),
        ("World: News", "World: News"),
        ("Courier > Chess", "Courier > Chess"),
        ("Harbour World News", "Harbour World News"),
        ("Courier feed", "Courier"),
        ("RSS feed", "RSS feed"),
        (" : World", " : World"),
        ("Al Jazeera – Breaking News, World News and Video", "Al Jazeera"),
        ("Japan Today - Category World", "Japan Today"),
        ("The Monitor: The Pulse of the Coast", "The Monitor"),
        ("Нева | Новости города и области", "Нева"),
        ("A – the shortest newspaper of all", "A – the shortest newspaper of all"),
        ("Frankfurter-Allgemeine-Sonntagszeitung", "Frankfurter-Allgemeine-Sonntagszeitung"),
    ],
)
def test_a_name_loses_its_motto_and_its_section(name, short):
    assert short_name(name) == short
