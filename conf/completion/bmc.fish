# SPDX-License-Identifier: Apache-2.0
# Loaded by fish at the first TAB behind bmc.
bmc completion fish | source
