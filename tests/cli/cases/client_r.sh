# R reads the tables for phyloseq with its defaults for such text.
command -v Rscript >/dev/null 2>&1 || skip "R is not installed (r-base-core)"
printf "id\tgenus\tspecies\tsample\tsize\nr\tA\tA 'b' #1\tS-1\t3\ns\tA\t\t2\t4\nt\t\t\t2\t5\n" >rows.tsv
tool 0 table -q --size --table t.phyloseq.tsv rows.tsv
cat >read.R <<'END'
read <- function(path) as.matrix(read.table(path, header = TRUE, row.names = 1, sep = "\t", quote = "",
                                            comment.char = "", check.names = FALSE))
counts <- read("t.phyloseq.tsv")
taxa <- read("t.phyloseq.tax.tsv")
stopifnot(is.numeric(counts), identical(rownames(counts), rownames(taxa)),
          identical(colnames(counts), c("S-1", "2")), identical(colnames(taxa), c("genus", "species")),
          sum(counts) == 12, counts["A 'b' #1", "S-1"] == 3, is.na(taxa["A", "species"]),
          all(is.na(taxa["unclassified", ])))
END
run 0 Rscript --vanilla read.R
