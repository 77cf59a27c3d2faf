using System.Runtime.CompilerServices;

namespace ServiMon.Predict.Lanes;

/// <summary>
/// Room for a value of each lane, among the locals of a method: unlike <c>stackalloc</c> it does not keep a method from being inlined, or compiled anew
/// once the runtime knows more.
/// </summary>
[InlineArray(16)]
internal struct Sixteen<T>
{
    private T _first;
}
