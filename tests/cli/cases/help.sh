# Help goes to standard output with 0 when asked for, usage to standard error with 2 when misused.
tool 2
empty out
has err 'Usage: taxamba COMMAND' classify train embed eval quantize index calibrate cluster table compare \
  sources import export traits
for word in --help -h help; do
  tool 0 $word
  empty err
  has out 'Usage: taxamba COMMAND'
done
tool 0 --version
empty err
has out "taxamba $(sed -n 's/^#define TX_VERSION_MAJOR //p' "$source/include/taxamba/version.h")." 'htslib' \
  'Kernels: '
for command in cluster index calibrate train embed classify traits eval; do
  tool 0 $command --help
  empty err
  has out "Usage: taxamba $command [OPTION]..." '--threads N' '--quiet' 'Examples:'
  mv out first
  tool 0 $command -h
  same out first
  tool 0 help $command
  same out first
  tool 0 $command --threads 3 --help
  same out first # defaults, not the values on this command line
  [ "$(awk 'length > 100' first | wc -l)" -eq 0 ] ||
    fault "a line of more than 100 columns in the help of $command"
done
tr -s ' \n' ' ' <first >flat
has flat '(0 to 1024; default: 0)' \
  '(0 to 1; default: 0; used without --retrieval; used without --neighbours)' \
  'auto|table|unite|sintax|taxonomy|plain'
tool 0 train --help-all
empty err
tr -s ' \n' ' ' <out >flat
has flat '--no-random-offset switches it off'
[ "$(grep -cE '^ {2,6}(-., )?--' out)" -gt 60 ] || fault 'not all options of train'
mv out all
tool 0 train --help
[ "$(grep -cE '^ {2,6}(-., )?--' out)" -lt 30 ] || fault 'the help of train is long'
has out '--help-all' "Prints all $(($(grep -cE '^ {2,6}(-., )?--' all) - 1)) options"
grep -E '^ {2,6}(-., )?--' out | grep -v -e --help-all | while read -r line; do has all "${line%% *}"; done
tool 0 classify --help-all
mv out all
tool 0 classify --help
same all out
tool 2 train --help-al
has err "did you mean '--help-all'?"
tool 2 help clasify
empty out
has err "unknown command 'clasify' (did you mean 'classify'?); see 'taxamba --help'"
tool 2 completion zsh
has err 'taxamba completion bash'
tool 0 quantize --help
empty err
has out 'Usage: taxamba quantize [OPTION]... --output FILE' '--precision float32|bf16|int8' 'Examples:'
