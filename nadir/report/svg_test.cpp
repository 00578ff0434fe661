#include "nadir/report/svg.hpp"

#include <gtest/gtest.h>

#include "nadir/report/test_util.hpp"

namespace nadir::report {
namespace {

const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

TEST(XmlCheck, AcceptsWhatIsWellFormedAndNothingElse) {
  EXPECT_EQ(test::xml_complaint(head + "<a><b x=\"1\"/>t &lt; &amp;<c>u</c></a>\n"), "");
  for (const char* broken : {"<a>", "<a></b>", "<a><b></a></b>", "<a x=\"1\" x=\"2\"/>", "<a x=\"<\"/>", "<a>&</a>",
                             "<a>&nbsp;</a>", "<a/><b/>", "t<a/>", "<a>\x01</a>", "<a x=1/>", "<a x=\"1/>", "< a/>"})
    EXPECT_NE(test::xml_complaint(head + broken + "\n"), "") << broken;
  EXPECT_NE(test::xml_complaint("<a/>\n"), "");
}

TEST(Escaped, KeepsTextsApartFromMarkup) {
  EXPECT_EQ(escaped("a<b & \"c\""), "a&lt;b &amp; &quot;c&quot;");
  EXPECT_EQ(escaped("it's > 5"), "it&#39;s &gt; 5");
  EXPECT_EQ(escaped("one\ttwo\r\nthree"), "one two  three");
  EXPECT_EQ(escaped(""), "");
}

TEST(Escaped, KeepsUtf8AndReplacesWhatXmlForbids) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(escaped("f\xC3\xBCr \xE6\x97\xA5 \xF0\x9F\x99\x82"), "f\xC3\xBCr \xE6\x97\xA5 \xF0\x9F\x99\x82");
  EXPECT_EQ(escaped(std::string("a\0b\x1B[0m", 7)), "a" + bad + "b" + bad + "[0m");
  EXPECT_EQ(escaped("f\xFCr"), "f" + bad + "r");                      // Latin-1
  EXPECT_EQ(escaped("\xC3"), bad);                                    // cut short
  EXPECT_EQ(escaped("\xC0\xBC"), bad + bad);                          // < in two bytes
  EXPECT_EQ(escaped("\xED\xA0\x80"), bad);                            // half of a surrogate pair
  EXPECT_EQ(escaped("\xEF\xBF\xBE"), bad);                            // U+FFFE
  EXPECT_EQ(escaped("\xF4\x90\x80\x80").substr(0, bad.size()), bad);  // beyond Unicode
}

TEST(Pixels, HasTwoDecimalsAtMost) {
  EXPECT_EQ(pixels(0), "0");
  EXPECT_EQ(pixels(-0.001), "0");
  EXPECT_EQ(pixels(12), "12");
  EXPECT_EQ(pixels(0.1 + 0.2), "0.3");
  EXPECT_EQ(pixels(-1.005), "-1");
  EXPECT_EQ(pixels(123.456), "123.46");
  EXPECT_EQ(pixels(1e300), "10000000");
}

TEST(Fitted, CutsLongTextsBetweenCharacters) {
  EXPECT_EQ(fitted("short", 100, 13), "short");
  const std::string umlauts = "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4\xC3\xB6\xC3\xBC";
  const std::string cut = fitted(umlauts, 60, 13);
  EXPECT_LT(cut.size(), umlauts.size());
  EXPECT_LE(text_width(cut, 13), 60);
  EXPECT_TRUE(cut.ends_with("\xE2\x80\xA6"));
  EXPECT_EQ(escaped(cut), cut);  // no half characters
  EXPECT_EQ(fitted("mmm", 1, 13), "\xE2\x80\xA6");
}

TEST(Svg, WritesWellFormedDocuments) {
  Svg svg(100, 50, "a<b & \"c\"");
  svg.open("g", {{"fill", "\"><script>"}});
  svg.line(0, 0, 1, 1.5, "#000000");
  svg.text(1, 2, "a long <text> that does not fit", {{"text-anchor", "end"}}, 40);
  svg.power_of_ten(3, 4, -12);
  svg.close();
  const std::string document = svg.finish();
  EXPECT_EQ(test::xml_complaint(document), "") << document;
  EXPECT_EQ(test::count(document, "<script>"), 0);
  EXPECT_EQ(test::count(document, "<title>a&lt;b &amp; &quot;c&quot;</title>"), 1);
  EXPECT_EQ(test::count(document, "<title>a long &lt;text&gt; that does not fit</title>"), 1);  // whole, on demand
  EXPECT_EQ(test::count(document, ">10<tspan dy=\"-5\" font-size=\"10\">-12</tspan>"), 1);
  EXPECT_EQ(test::count(document, "viewBox=\"0 0 100 50\""), 1);
}

}  // namespace
}  // namespace nadir::report
