using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing.Streams;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>The contract of everything that takes a stream, over every class of subject in this assembly.</summary>
public class StreamContractTests
{
    private static readonly StreamSubject[] Subjects = [.. StreamContract.SubjectsIn(typeof(StreamContractTests).Assembly)];

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var subject in Subjects)
                foreach (var input in StreamContract.Inputs) cases.Add(subject.Subject.Name, input);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Holds(string subject, string input)
    {
        var type = Subjects.First(s => s.Subject.Name == subject).GetType();
        StreamContract.HoldsOn(() => (StreamSubject)Activator.CreateInstance(type)!, input);
    }

    [Fact]
    public void Every_detector_is_under_contract() =>
        Assert.Superset(
            StreamContract.ObserversIn(typeof(SeriesDetector).Assembly, typeof(SeriesDetector).Namespace!).ToHashSet(),
            Subjects.Select(s => s.Subject).ToHashSet());
}
