# Makes survey_reference.json from survey_reference.csv, with R's survey package (4.1): Rscript survey_reference.R
# Each line: design, statistic, question, domain -> value, se, lower, upper, df.
suppressMessages(library(survey))
d <- read.csv("survey_reference.csv", na.strings = "", stringsAsFactors = FALSE)
d$answered <- !is.na(d$score)  # R keeps rows outside a domain of a calibrated design, and stumbles on NA there
d$score[!d$answered] <- 0
d$yes[!d$answered] <- 0
sex <- c(f = 420, m = 370)
age <- c("18-29" = 200, "30-64" = 330, "65+" = 260)
frame <- function(name, counts) setNames(data.frame(names(counts), as.numeric(counts)), c(name, "Freq"))
model <- ~ sex + age
totals <- c(`(Intercept)` = 790, sexm = 370, `age30-64` = 330, `age65+` = 260)
alone <- d[!(d$stratum == "C" & d$cluster != "C1"), ]

strata <- svydesign(~1, strata = ~stratum, weights = ~design_weight, fpc = ~population, data = d)
even <- svydesign(~1, strata = ~stratum, weights = ~I(rep(790 / 80, 80)), data = d)
designs <- list(
  strata = strata,
  clusters = svydesign(~cluster, strata = ~stratum, weights = ~design_weight, fpc = ~clusters_in_population, data = d),
  clusters_without_fpc = svydesign(~cluster, strata = ~stratum, weights = ~design_weight, data = d),
  post_stratified = postStratify(strata, ~sex, frame("sex", sex)),
  raked = rake(even, list(~sex, ~age), list(frame("sex", sex), frame("age", age)),
               control = list(maxit = 200, epsilon = 1e-10)),
  calibrated = calibrate(strata, model, totals, calfun = "raking", epsilon = 1e-12, maxit = 200),
  calibrated_clusters = calibrate(svydesign(~cluster, strata = ~stratum, weights = ~design_weight, data = d), model,
                                  totals, calfun = "raking", epsilon = 1e-12, maxit = 200)
)
options(survey.lonely.psu = "adjust")
designs$lonely <- svydesign(~cluster, strata = ~stratum, weights = ~design_weight, data = alone)

out <- character()
keep <- function(design, statistic, question, domain, value, se, ci, df)
  out <<- c(out, sprintf('["%s", "%s", "%s", "%s", %s]', design, statistic, question, domain,
    paste(ifelse(is.finite(c(value, se, ci, df)), sprintf("%.15g", c(value, se, ci, df)), "null"), collapse = ", ")))

for (name in names(designs)) for (domain in c("all", "g1", "f")) {
  whole <- designs[[name]]
  part <- switch(domain, all = whole, g1 = subset(whole, group == "g1"), f = subset(whole, sex == "f"))
  answered <- subset(part, answered)
  df <- degf(answered)
  m <- svymean(~score, answered); keep(name, "mean", "score", domain, coef(m), SE(m), confint(m, df = df), df)
  t <- svytotal(~score, answered); keep(name, "total", "score", domain, coef(t), SE(t), confint(t, df = df), df)
  p <- svymean(~yes, answered); ci <- svyciprop(~yes, answered, method = "logit", df = df)
  keep(name, "share", "yes", domain, coef(p), SE(p), attr(ci, "ci"), df)
  r <- svyratio(~score, ~hours, answered); keep(name, "ratio", "score", domain, coef(r), SE(r), confint(r, df = df), df)
  for (q in c(0.25, 0.5, 0.9)) {
    s <- svyquantile(~hours, part, q, interval.type = "mean", qrule = "math", df = degf(part))[[1]]
    keep(name, paste0("quantile", q), "hours", domain, s[1, "quantile"], s[1, "se"], s[1, 2:3], degf(part))
  }
}
weights <- function(name) sprintf("[%s]", paste(sprintf("%.15g", stats::weights(designs[[name]])), collapse = ", "))
writeLines(c('{"weights": {', paste0('"', c("post_stratified", "raked", "calibrated"), '": ',
  sapply(c("post_stratified", "raked", "calibrated"), weights), c(",", ",", "")), '},', '"figures": [',
  paste0(out, c(rep(",", length(out) - 1), "")), "]}"), "survey_reference.json")
