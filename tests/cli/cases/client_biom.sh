# biom-format reads both BIOM files, and finds the same reads and lineages.
command -v biom >/dev/null 2>&1 || skip "biom is not installed (python3-biom-format)"
printf 'id\tgenus\tspecies\tsample\tsize\nr\tA\tA b\tS1\t3\ns\tA\t\tS2\t4\nt\t\t\tS 3\t5\n' >rows.tsv
formats=biom
"$taxamba" --version | grep -q HDF5 && formats='biom biom-hdf5'
for format in $formats; do
  tool 0 table -q --size --table "t.$format" --table-format $format rows.tsv
  run 0 biom validate-table -i "t.$format"
  has out 'is a valid BIOM-formatted file'
  run 0 biom convert -i "t.$format" -o t.txt --to-tsv --header-key taxonomy
  sed -e '$a\' t.txt >with_end.txt
  is with_end.txt <<'END'
# Constructed from biom file
#OTU ID	S1	S2	S 3	taxonomy
unclassified	0.0	0.0	5.0	g__; s__
A	0.0	4.0	0.0	g__A; s__
A b	3.0	0.0	0.0	g__A; s__A b
END
done
